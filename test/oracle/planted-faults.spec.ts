import { spawn } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { FOUND, type PlantedFault, plantedFaults } from './planted-faults.ts'

const root = join(import.meta.dirname, '../..')
/** Of 160 cases each, from the first seed on. */
const ROUNDS = 8
const ROUNDS_WITHOUT_FAULT = 2
const SEEDS_WITHOUT_FAULT = [1, 3, 5, 7]
/** A run that takes more processor time than this hangs: the fault shows as something else than another history, which proves nothing. */
const RUN_PROCESSOR_S_MAX = 120
jest.setTimeout(600_000)

type Ending = { code: number | null; output: string }
type Run = { fault?: PlantedFault; seed: number; rounds: number }

/** Compares fold and oracle in a copy of the sources in which a fault is planted; without one, in a copy of the sources as they are. */
async function compare({ fault, seed, rounds }: Run): Promise<Ending> {
  using folder = temporaryFolder()
  const { path } = folder
  for (const part of ['libs', 'test/oracle']) cpSync(join(root, part), join(path, part), { recursive: true, filter: (file) => !file.endsWith('.spec.ts') })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  writeFileSync(join(path, 'package.json'), JSON.stringify({ type: 'module', imports: { '#*': './libs/*/src/index.ts' } }))
  if (fault !== undefined) writeFileSync(join(path, 'libs', fault.file), around(fault).join(fault.replace))
  return await execute(path, [rounds, seed, kindsFor(fault)].map(String))
}

/** What stands before and behind the place at which a fault is planted. */
function around({ file, find }: PlantedFault): string[] {
  return readFileSync(join(root, 'libs', file), 'utf8').split(find)
}

/** Cases without the newer kinds of measures meet the faults in the rest sooner. */
const kindsFor = (fault?: PlantedFault): string => (fault === undefined || fault.needsAllKinds === true ? 'all' : 'first')

/** Bound by processor time: a busy machine lets a run wait, and that is no hang. */
function execute(folder: string, args: string[]): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>()
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', join(folder, 'test/oracle/planted-run.ts'), ...args]
  const child = spawn('sh', ['-c', `ulimit -t ${RUN_PROCESSOR_S_MAX}; exec "$0" "$@"`, ...command], { cwd: folder, env: {} })
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

const withoutFault = SEEDS_WITHOUT_FAULT.map((seed) => [seed, { seed, rounds: ROUNDS_WITHOUT_FAULT }] as const)
const withFault = plantedFaults.map((fault) => [fault.name, { fault, seed: fault.seed ?? 1, rounds: ROUNDS }] as const)

describe('the generated cases', () => {
  const endings = new Map<Run, Promise<Ending>>()

  beforeAll(() => {
    // Two at a time, in the order in which the tests ask for them.
    const lanes = [Promise.resolve({} as Ending), Promise.resolve({} as Ending)]
    for (const [index, [, run]] of [...withoutFault, ...withFault].entries()) {
      const ending = (lanes[index % 2] as Promise<Ending>).then(() => compare(run))
      lanes[index % 2] = ending
      endings.set(run, ending)
    }
  })

  it.each(withoutFault)('find nothing in the fold as it is, from seed %i on', async (_, run) => {
    expect(await endings.get(run)).toEqual({ code: 0, output: 'none\n' })
  })

  it.each(withFault)('find out: %s', async (_, run) => {
    expect(await endings.get(run)).toMatchObject({ code: FOUND })
  })
})
