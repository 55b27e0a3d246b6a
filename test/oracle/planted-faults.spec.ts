import { spawn } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { FOUND, type PlantedFault, plantedFaults } from './planted-faults.ts'

const root = join(import.meta.dirname, '../..')
/** Of 120 cases each, from the fault's seed on. */
const ROUNDS = 8
/** A run that takes longer hangs: the fault shows as something else than another history, which proves nothing. */
const RUN_MS_MAX = 110_000
jest.setTimeout(2 * RUN_MS_MAX)

type Ending = { code: number | null; output: string }

/** Compares fold and oracle in a copy of the sources in which a fault is planted; without one, in a copy of the sources as they are. */
async function compare(fault?: PlantedFault): Promise<Ending> {
  using folder = temporaryFolder()
  const { path } = folder
  for (const part of ['libs', 'test/oracle']) cpSync(join(root, part), join(path, part), { recursive: true, filter: (file) => !file.endsWith('.spec.ts') })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  writeFileSync(join(path, 'package.json'), JSON.stringify({ type: 'module', imports: { '#*': './libs/*/src/index.ts' } }))
  if (fault !== undefined) writeFileSync(join(path, 'libs', fault.file), around(fault).join(fault.replace))
  return await run(path, fault)
}

/** What stands before and behind the place at which a fault is planted. */
function around({ file, find }: PlantedFault): string[] {
  return readFileSync(join(root, 'libs', file), 'utf8').split(find)
}

/** Cases without the newer kinds of measures meet the faults in the rest sooner. */
const kindsFor = (fault?: PlantedFault): string => (fault === undefined || fault.needsAllKinds === true ? 'all' : 'first')

function run(folder: string, fault?: PlantedFault): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>()
  const args = ['--disable-warning=ExperimentalWarning', join(folder, 'test/oracle/planted-run.ts'), String(ROUNDS), String(fault?.seed ?? 1), kindsFor(fault)]
  const child = spawn(process.execPath, args, { cwd: folder, timeout: RUN_MS_MAX, env: {} })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  child.on('close', (code) => resolve({ code, output }))
  return promise
}

describe('a fault planted in the fold', () => {
  it.each(plantedFaults.map((fault) => [fault.name, fault] as const))('has one place: %s', (_, fault) => {
    expect(around(fault)).toHaveLength(2)
  })
})

describe('the generated cases', () => {
  const endings = new Map<PlantedFault | undefined, Promise<Ending>>()

  beforeAll(() => {
    // Two at a time, the longest first: the run without a fault.
    const lanes = [Promise.resolve({} as Ending), Promise.resolve({} as Ending)]
    for (const [index, fault] of [undefined, ...plantedFaults].entries()) {
      const ending = (lanes[index % 2] as Promise<Ending>).then(() => compare(fault))
      lanes[index % 2] = ending
      endings.set(fault, ending)
    }
  })

  it.each(plantedFaults.map((fault) => [fault.name, fault] as const))('find out: %s', async (_, fault) => {
    expect(await endings.get(fault)).toMatchObject({ code: FOUND })
  })

  it('find nothing in the fold as it is', async () => {
    expect(await endings.get(undefined)).toEqual({ code: 0, output: 'none\n' })
  })
})
