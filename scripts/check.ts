// `npm test`: everything that proves the product, in one command.
//   --only a,b   only these steps (see steps.ts; `unit` for specs without servers)
//   --long       the tests in steps.ts with RONDO_TEST_LONG=1: more generated cases, more kills
//   -- PATTERN…  handed to jest
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { provision, provisionBroker } from './provision.ts'
import { root } from './root.ts'
import { dataStep, type Step, steps, unitStep } from './steps.ts'

interface Tally {
  passed: number
  failed: number
}

/** The faults alone take some four hours, with 50 runs of each. */
const LONG_FACTOR = 20
const HANDED_ON = { stdio: ['ignore', 'inherit', 'inherit'] as const }
const HELD_BACK = { stdio: ['ignore', 'pipe', 'pipe'] as const }

function runNode(args: string[], options: { live: boolean; minutesMax: number; env: NodeJS.ProcessEnv }): Promise<{ ok: boolean; output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ ok: boolean; output: string }>()
  const { stdio } = options.live ? HANDED_ON : HELD_BACK
  const child = spawn(process.execPath, args, { cwd: root, env: options.env, stdio: [...stdio] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const limit = setTimeout(() => {
    chunks.push(Buffer.from(`ended after ${options.minutesMax} minutes\n`))
    child.kill('SIGKILL')
  }, options.minutesMax * 60_000)
  child.on('close', (code) => {
    clearTimeout(limit)
    resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() })
  })
  return promise
}

interface JestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  numRuntimeErrorTestSuites: number
}

/** What jest counted. Under CI a test that was skipped or is still to be written has failed: it proves nothing. */
function tallyOf(reportFile: string): Tally {
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport
  const unproven = process.env['CI'] === 'true' ? report.numPendingTests + report.numTodoTests : 0
  if (unproven > 0) process.stdout.write(`${unproven} tests are skipped or todo, which counts as failed under CI\n`)
  return { passed: report.numPassedTests, failed: report.numFailedTests + report.numRuntimeErrorTestSuites + unproven }
}

function readTally(reportFile: string): Tally {
  try {
    return tallyOf(reportFile)
  } catch {
    process.stdout.write('jest ended without a report\n')
    return { passed: 0, failed: 1 }
  }
}

async function runStep(step: Step, options: { long: boolean; patterns: string[] }): Promise<Tally> {
  const reportFile = join(root, '.cache', `jest-${step.name}.json`)
  rmSync(reportFile, { force: true })
  const live = step.jest !== undefined
  const args = step.jest === undefined ? step.args : [...step.args, ...step.jest, '--json', `--outputFile=${reportFile}`, ...options.patterns]
  const env = { ...process.env, ...(options.long ? { RONDO_TEST_LONG: '1' } : {}) }
  const started = performance.now()
  const { ok, output } = await runNode(args, { live, minutesMax: step.minutesMax * (options.long ? LONG_FACTOR : 1), env })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const tests = live ? readTally(reportFile) : { passed: 0, failed: 0 }
  const passed = ok && tests.failed === 0
  process.stdout.write(`${passed ? '' : output}${passed ? 'ok  ' : 'FAIL'} ${step.title}  ${seconds} s${live ? `  (${tests.passed} tests)` : ''}\n`)
  return { passed: tests.passed + Number(passed), failed: tests.failed + Number(!passed) }
}

function chosenSteps(only: string | undefined, long: boolean): Step[] {
  if (only === undefined) return long ? steps.filter(({ name, jest }) => name === 'build' || jest !== undefined) : steps
  const known = [...steps, unitStep, dataStep]
  return only.split(',').map((name) => {
    const step = known.find((candidate) => candidate.name === name)
    if (step === undefined) {
      process.stderr.write(`there is no step ${name}; there are ${known.map((candidate) => candidate.name).join(', ')}\n`)
      process.exit(2)
    }
    return step
  })
}

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, long: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const chosen = chosenSteps(values.only, values.long)
mkdirSync(join(root, '.cache'), { recursive: true })
if (chosen.some(({ name }) => ['tests', 'kafka', 'e2e'].includes(name))) provision()
if (chosen.some(({ name }) => name === 'kafka')) provisionBroker()
const total: Tally = { passed: 0, failed: 0 }
for (const step of chosen) {
  const { passed, failed } = await runStep(step, { long: values.long, patterns: positionals })
  total.passed += passed
  total.failed += failed
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
process.exitCode = total.failed === 0 ? 0 : 1
