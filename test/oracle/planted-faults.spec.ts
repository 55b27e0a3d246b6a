import { spawn } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { DISAGREEMENT_EXIT_CODE, type PlantedFault, plantedFaults } from './planted-faults.ts'

const root = join(import.meta.dirname, '../..')
/** Each round has 160 cases. The seed grows by 1 from round to round. */
const ROUNDS = 8
const ROUNDS_WITHOUT_FAULT = 2
const SEEDS_WITHOUT_FAULT = [1, 3]
/** Limits the processor time of a run. A fault with an endless loop shows nothing about the comparison, so its test fails. */
const RUN_PROCESSOR_S_MAX = 120
jest.setTimeout(600_000)

/** How a run of the comparison has ended. */
type Ending = { code: number | null; output: string }
/** A run of the comparison, with or without a planted fault. */
type Run = { fault?: PlantedFault; seed: number; rounds: number }

/** A copy of the sources without their specs. */
function copySources(path: string): void {
  for (const part of ['libs', 'test/oracle']) cpSync(join(root, part), join(path, part), { recursive: true, filter: (file) => !file.endsWith('.spec.ts') })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  writeFileSync(join(path, 'package.json'), JSON.stringify({ type: 'module', imports: { '#*': './libs/*/src/index.ts' } }))
}

/** Compares fold and oracle in a copy of the sources, in which the fault is planted during the comparison. */
async function compare(copy: string, { fault, seed, rounds }: Run): Promise<Ending> {
  if (fault !== undefined) writeFileSync(join(copy, 'libs', fault.file), around(fault).join(fault.replace))
  const ending = await execute(copy, [rounds, seed, kindsFor(fault)].map(String))
  if (fault !== undefined) cpSync(join(root, 'libs', fault.file), join(copy, 'libs', fault.file))
  return ending
}

/** The text before and after the place of a fault. */
function around({ file, find }: PlantedFault): string[] {
  return readFileSync(join(root, 'libs', file), 'utf8').split(find)
}

/** Cases with few kinds of measures find the other faults sooner. */
function kindsFor(fault?: PlantedFault): string {
  if (fault?.needsAddressing === true) return 'addressed'
  return fault === undefined || fault.needsAllKinds === true ? 'all' : 'first'
}

/** The limit is in processor time, not in wall time, because a run may wait on a busy machine. */
function execute(folder: string, args: string[]): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>()
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', join(folder, 'test/oracle/planted-run.ts'), ...args]
  const child = spawn('sh', ['-c', `ulimit -t ${RUN_PROCESSOR_S_MAX}; exec "$0" "$@"`, ...command], {
    cwd: folder,
    env: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  child.on('close', (code) => resolve({ code, output }))
  return promise
}

describe('a fault planted in the fold', () => {
  it.each(plantedFaults.map((fault) => [fault.name, fault] as const))('has a text that occurs once in its file: %s', (_, fault) => {
    expect(around(fault)).toHaveLength(2)
  })
})

const withoutFault = SEEDS_WITHOUT_FAULT.map((seed) => [seed, { seed, rounds: ROUNDS_WITHOUT_FAULT }] as const)
const withFault = plantedFaults.map((fault) => [fault.name, { fault, seed: fault.seed ?? 1, rounds: ROUNDS }] as const)

describe('the generated cases', () => {
  const endings = new Map<Run, Promise<Ending>>()
  const home = temporaryFolder()

  beforeAll(() => {
    // Two runs at a time, in the order of the tests. Each lane has its own copy of the sources, in which unchanged files stay compiled.
    const lanes = ['first', 'second'].map((name) => ({ copy: join(home.path, name), last: Promise.resolve({} as Ending) }))
    for (const { copy } of lanes) copySources(copy)
    for (const [index, [, run]] of [...withoutFault, ...withFault].entries()) {
      const lane = lanes[index % 2] as (typeof lanes)[number]
      lane.last = lane.last.then(() => compare(lane.copy, run))
      endings.set(run, lane.last)
    }
  })
  afterAll(() => home[Symbol.dispose]())

  it.each(withoutFault)('show no disagreement without a fault, from seed %i', async (_, run) => {
    expect(await endings.get(run)).toEqual({ code: 0, output: 'none\n' })
  })

  it.each(withFault)('find the fault: %s', async (_, run) => {
    expect(await endings.get(run)).toMatchObject({ code: DISAGREEMENT_EXIT_CODE })
  })
})
