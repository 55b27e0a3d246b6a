// `npm test`: everything that proves the product, in one command. Steps that wait for processes run beside those that compute.
//   --only a,b   only these steps (see steps.ts; `unit` for specs without servers)
//   --long       the tests in steps.ts with RONDO_TEST_LONG=1: more generated cases, more kills
//   -- PATTERN…  handed to jest
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempDisposableSync, readFileSync, rmSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type LaneOutput, laneOutputs } from './lane-output.ts'
import { Broker } from './local/broker.ts'
import { provision, provisionBroker } from './provision.ts'
import { root } from './root.ts'
import { buildStep, dataStep, type Step, steps, unitStep } from './steps.ts'

interface Tally {
  passed: number
  failed: number
}

/** The faults alone take some four hours, with 50 runs of each. */
const LONG_FACTOR = 20
/** How long the last words of a process may take that has ended, where a process that it started still holds its output. */
const LAST_WORDS_MS = 2000

interface Run {
  args: string[]
  env: NodeJS.ProcessEnv
  minutesMax: number
  niceness: number
  /** What it writes, as it comes. */
  onOutput: (chunk: Buffer) => void
}

/** @returns whether it has ended with 0 */
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
  await Promise.race([closed, sleep(LAST_WORDS_MS, undefined, { ref: false })])
  return code === 0
}

interface JestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  numRuntimeErrorTestSuites: number
}

/** What jest counted. Under CI a test that was skipped or is still to be written has failed: it proves nothing. */
function tallyOf(reportFile: string, output: LaneOutput): Tally {
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport
  const unproven = process.env['CI'] === 'true' ? report.numPendingTests + report.numTodoTests : 0
  if (unproven > 0) output.write(`${unproven} tests are skipped or todo, which counts as failed under CI\n`)
  return { passed: report.numPassedTests, failed: report.numFailedTests + report.numRuntimeErrorTestSuites + unproven }
}

function readTally(reportFile: string, output: LaneOutput): Tally {
  try {
    return tallyOf(reportFile, output)
  } catch {
    output.write('jest ended without a report\n')
    return { passed: 0, failed: 1 }
  }
}

interface Choice {
  long: boolean
  patterns: string[]
}

/** Tests say their own results; of a tool only what it finds is of interest. */
async function runTests({ name, args, jest = [], ...step }: Step, { patterns, ...choice }: Choice, output: LaneOutput): Promise<Tally & { ok: boolean }> {
  const reportFile = join(root, '.cache', `jest-${name}.json`)
  rmSync(reportFile, { force: true })
  const report = ['--json', `--outputFile=${reportFile}`]
  const run = runOf({ ...step, name, args: [...args, ...jest, ...report, ...patterns] }, choice.long)
  const ok = await runNode({ ...run, onOutput: (chunk) => output.write(chunk) })
  return { ok, ...readTally(reportFile, output) }
}

async function runTool(step: Step, { long }: Choice, output: LaneOutput): Promise<Tally & { ok: boolean }> {
  const held: Buffer[] = []
  const ok = await runNode({ ...runOf(step, long), onOutput: (chunk) => void held.push(chunk) })
  if (!ok) for (const chunk of held) output.write(chunk)
  return { ok, passed: 0, failed: 0 }
}

function runOf({ args, minutesMax, niceness = 0 }: Step, long: boolean): Omit<Run, 'onOutput'> {
  // Every process of a test loads the same modules: they are compiled once.
  const cache = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] || join(root, '.cache', 'compile') }
  const env = { ...process.env, ...cache, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...(long ? { RONDO_TEST_LONG: '1' } : {}) }
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

/** Steps of one lane one after the other, lanes beside each other. */
async function runLanes(steps: readonly Step[], choice: Choice): Promise<Tally[]> {
  const lanes = Object.values(Object.groupBy(steps, ({ lane }) => lane))
  const outputs = laneOutputs(lanes.length, (text) => void process.stdout.write(text))
  const running = lanes.map(async (lane, index) => {
    const output = outputs[index] as LaneOutput
    const tallies: Tally[] = []
    for (const step of lane) tallies.push(await runStep(step, choice, output))
    output.end()
    return tallies
  })
  return (await Promise.all(running)).flat()
}

function chosenSteps(only: string | undefined, long: boolean): Step[] {
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

/** The broker of the specs that leave it as it is (test/fixtures/broker). One that does not start is for the tests to say. */
async function sharedBroker(home: string): Promise<Broker | undefined> {
  provisionBroker()
  try {
    await Broker.archiveClasses(join(home, 'archive'))
    const broker = await Broker.start(join(home, 'shared'))
    // Its process is in a group of its own, which a Ctrl-C does not reach; it ends where this one exits.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
    process.env['RONDO_TEST_BROKER'] = `${broker.address} ${broker.folder}`
    return broker
  } catch {
    return undefined
  }
}

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, long: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const chosen = chosenSteps(values.only, values.long)
mkdirSync(join(root, '.cache'), { recursive: true })
if (chosen.some(({ name }) => ['tests', 'kafka', 'e2e'].includes(name))) provision()
using folder = mkdtempDisposableSync(join(tmpdir(), 'rondo-'))
const broker = chosen.some(({ name }) => name === 'kafka') ? await sharedBroker(folder.path) : undefined
const choice: Choice = { long: values.long, patterns: positionals }
const [first, rest] = [chosen.filter((step) => step === buildStep), chosen.filter((step) => step !== buildStep)]
const tallies = [...(await runLanes(first, choice)), ...(await runLanes(rest, choice))]
await broker?.kill()
const sumOf = (part: keyof Tally): number => tallies.reduce((sum, tally) => sum + tally[part], 0)
process.stdout.write(`${sumOf('passed')} passed, ${sumOf('failed')} failed\n`)
process.exitCode = sumOf('failed') === 0 ? 0 : 1
