// `npm test`: all checks and tests in one command. Steps that wait for processes run in parallel with steps that compute.
//   --only a,b   only these steps (see steps.ts; `unit` for specs without servers)
//   --long       the tests in steps.ts with RONDO_TEST_LONG=1: more generated cases, more kills
//   --costs      measures the processor time of each spec, and keeps it in test/runner/costs.json
//   -- PATTERN…  handed to jest
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempDisposableSync, readFileSync, rmSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type LaneOutput, laneOutputs } from './lane-output.ts'
import { Broker } from './local/broker.ts'
import {
  provision,
  provisionBroker,
  provisionClients,
  provisionKubernetesTools,
  provisionLifelines,
  provisionParquetReaders,
  provisionSchemathesis,
} from './provision.ts'
import { root } from './root.ts'
import { buildStep, dataStep, type Step, stepsOf, unitStep } from './steps.ts'

/** How many tests passed and failed. */
interface Tally {
  passed: number
  failed: number
}

/** Multiplies the time limit of a step in a long run. The faults alone need about four hours, with 50 runs of each fault. */
const LONG_FACTOR = 20
/** The longest wait for the rest of the output of an ended process. A child process that still runs can keep that output open. */
const OUTPUT_MS_MAX = 2000

/** A command of a step, with its environment and its limit of time. */
interface Run {
  args: string[]
  env: NodeJS.ProcessEnv
  minutesMax: number
  niceness: number
  /** Called with each chunk that the process writes. */
  onOutput: (chunk: Buffer) => void
}

/** @returns whether the process ended with exit code 0 */
async function runNode({ args, env, minutesMax, niceness, onOutput }: Run): Promise<boolean> {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.pid !== undefined) setPriority(child.pid, niceness)
  for (const stream of [child.stdout, child.stderr]) stream.on('data', onOutput)
  const limit = setTimeout(() => {
    onOutput(Buffer.from(`ended after ${minutesMax} minutes\n`))
    child.kill('SIGKILL')
  }, minutesMax * 60_000)
  const closed = once(child, 'close')
  const [code] = (await once(child, 'exit')) as [number | null]
  clearTimeout(limit)
  await Promise.race([closed, sleep(OUTPUT_MS_MAX, undefined, { ref: false })])
  return code === 0
}

/** The fields of jest's report that are read here. */
interface JestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  numRuntimeErrorTestSuites: number
}

/** The counts of jest. Under CI skipped tests and todo tests count as failed. */
function tallyOf(reportFile: string, output: LaneOutput): Tally {
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport
  const notRun = process.env['CI'] === 'true' ? report.numPendingTests + report.numTodoTests : 0
  if (notRun > 0) output.write(`${notRun} tests are skipped or todo, which counts as failed under CI\n`)
  return { passed: report.numPassedTests, failed: report.numFailedTests + report.numRuntimeErrorTestSuites + notRun }
}

function readTally(reportFile: string, output: LaneOutput): Tally {
  try {
    return tallyOf(reportFile, output)
  } catch {
    output.write('jest ended without a report\n')
    return { passed: 0, failed: 1 }
  }
}

/** What the arguments of `npm test` choose. */
interface Choice {
  long: boolean
  costs: boolean
  patterns: string[]
  /** The installation of what the step `e2e` needs; the other steps do not wait for it. */
  clients: Promise<unknown>
}

/** Runs a step of tests. Its output is always shown; the output of a tool is shown only after a failure. */
async function runTests(step: Step, choice: Choice, output: LaneOutput): Promise<Tally & { ok: boolean }> {
  if (!choice.costs) return runJest(step, choice, { output, selection: choice.patterns })
  // Each spec has a process of its own: only there the reporter sees the cost, and no earlier spec makes the process slow.
  const jest = [...(step.jest ?? []).filter((option) => !/^--(maxWorkers|runInBand)/.test(option)), '--runInBand', '--reporters=default', COSTS]
  const sum = { ok: true, passed: 0, failed: 0 }
  for (const spec of specsOf(step, choice)) {
    const { ok, passed, failed } = await runJest({ ...step, jest }, choice, { output, selection: ['--runTestsByPath', spec] })
    Object.assign(sum, { ok: sum.ok && ok, passed: sum.passed + passed, failed: sum.failed + failed })
  }
  return sum
}

const COSTS = '--reporters=<rootDir>/test/runner/spec-costs.ts'

function specsOf({ args, jest = [] }: Step, { patterns }: Choice): string[] {
  const { stdout } = spawnSync(process.execPath, [...args, ...jest, '--listTests', ...patterns], { cwd: root, encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean)
}

/** One process of jest, and the specs that it runs. */
interface JestRun {
  output: LaneOutput
  selection: readonly string[]
}

async function runJest({ name, args, jest = [], ...step }: Step, { long, patterns }: Choice, { output, selection }: JestRun): Promise<Tally & { ok: boolean }> {
  const reportFile = join(root, '.cache', `jest-${name}.json`)
  rmSync(reportFile, { force: true })
  // They stand between the options and the selection, because an option with several values would take the selection as more of them.
  const report = ['--json', `--outputFile=${reportFile}`]
  const run = runOf({ ...step, name, args: [...args, ...jest, ...report, ...selection] }, long)
  const ok = await runNode({ ...run, onOutput: (chunk) => output.write(chunk) })
  const tally = readTally(reportFile, output)
  const isEmpty = tally.passed + tally.failed === 0
  // Jest accepts that a pattern selects nothing. Without one it must have found tests.
  if (isEmpty && patterns.length === 0) output.write('no test was found\n')
  return { ok: ok && !(isEmpty && patterns.length === 0), ...tally }
}

async function runTool(step: Step, { long }: Choice, output: LaneOutput): Promise<Tally & { ok: boolean }> {
  const held: Buffer[] = []
  const ok = await runNode({ ...runOf(step, long), onOutput: (chunk) => void held.push(chunk) })
  if (!ok) for (const chunk of held) output.write(chunk)
  return { ok, passed: 0, failed: 0 }
}

function runOf({ args, env: own, minutesMax, niceness = 0 }: Step, long: boolean): Omit<Run, 'onOutput'> {
  // All test processes load the same modules, so they share one cache of compiled code.
  const cache = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] || join(root, '.cache', 'compile') }
  const env = { ...process.env, ...cache, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...(long ? { RONDO_TEST_LONG: '1' } : {}), ...own }
  return { args, env, niceness, minutesMax: minutesMax * (long ? LONG_FACTOR : 1) }
}

async function runStep(step: Step, choice: Choice, output: LaneOutput): Promise<Tally> {
  const isOfTests = step.jest !== undefined
  const started = performance.now()
  const { ok, passed, failed } = await (isOfTests ? runTests : runTool)(step, choice, output)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const isGood = ok && failed === 0
  output.write(`${isGood ? 'ok  ' : 'FAIL'} ${step.title}  ${seconds} s${isOfTests ? `  (${passed} tests)` : ''}\n`)
  return { passed: passed + Number(isGood), failed: failed + Number(!isGood) }
}

/** Runs the lanes in parallel, and the steps of each lane one after the other. */
async function runLanes(steps: readonly Step[], choice: Choice): Promise<Tally[]> {
  const lanes = Object.values(Object.groupBy(steps, ({ lane }) => lane))
  const outputs = laneOutputs(lanes.length, (text) => void process.stdout.write(text))
  const running = lanes.map(async (lane, index) => {
    const output = outputs[index] as LaneOutput
    const tallies: Tally[] = []
    for (const step of lane) {
      if (step.name === 'e2e') await choice.clients
      tallies.push(await runStep(step, choice, output))
    }
    output.end()
    return tallies
  })
  return (await Promise.all(running)).flat()
}

function chosenSteps(only: string | undefined, long: boolean): Step[] {
  const steps = stepsOf(long)
  if (only === undefined) return [buildStep, ...(long ? steps.filter(({ jest }) => jest !== undefined) : steps)]
  const known = [buildStep, ...steps, unitStep, dataStep]
  return only.split(',').map((name) => {
    const step = known.find((candidate) => candidate.name === name)
    if (step === undefined) {
      process.stderr.write(`there is no step ${name}; there are ${known.map((candidate) => candidate.name).join(', ')}\n`)
      process.exit(2)
    }
    return step
  })
}

/** The broker that all specs share that do not stop it (test/fixtures/broker). If it does not start, the specs report the failure. */
async function sharedBroker(home: string): Promise<Broker | undefined> {
  provisionBroker()
  try {
    await Broker.archiveClasses(join(home, 'archive'))
    const broker = await Broker.start(join(home, 'shared'))
    // A Ctrl-C does not reach the broker, because it has its own process group. It ends when this process exits.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
    process.env['RONDO_TEST_BROKER'] = `${broker.address} ${broker.folder}`
    return broker
  } catch {
    return undefined
  }
}

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, long: { type: 'boolean', default: false }, costs: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const chosen = chosenSteps(values.only, values.long).filter(({ isEmpty }) => isEmpty !== true)
mkdirSync(join(root, '.cache'), { recursive: true })
if (chosen.some(({ name }) => ['tests', 'kafka', 'secured', 'faults', 'e2e'].includes(name))) provision()
using folder = mkdtempDisposableSync(join(tmpdir(), 'rondo-'))
const broker = chosen.some(({ name }) => name === 'kafka') ? await sharedBroker(folder.path) : undefined
// Not while the jars of the broker are fetched, because two runs of Maven would write the same files.
const clients = chosen.some(({ name }) => name === 'e2e')
  ? Promise.all([provisionClients(), provisionSchemathesis(), provisionParquetReaders(), provisionLifelines(), provisionKubernetesTools()])
  : Promise.resolve()
const choice: Choice = { long: values.long, costs: values.costs, patterns: positionals, clients }
const [first, rest] = [chosen.filter((step) => step === buildStep), chosen.filter((step) => step !== buildStep)]
const tallies = [...(await runLanes(first, choice)), ...(await runLanes(rest, choice))]
await broker?.kill()
const sumOf = (part: keyof Tally): number => tallies.reduce((sum, tally) => sum + tally[part], 0)
process.stdout.write(`${sumOf('passed')} passed, ${sumOf('failed')} failed\n`)
process.exitCode = sumOf('failed') === 0 ? 0 : 1
