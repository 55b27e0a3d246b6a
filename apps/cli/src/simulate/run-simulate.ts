import { formatInstant } from '#contracts'
import { callText, DAY_MS, simulate, type TruthRecord } from '#simulation'
import { exitCodes } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import { ProgressLine } from '../progress-line.ts'
import type { Terminal } from '../terminal.ts'
import { sendLife } from './send-life.ts'
import type { SimulateFlags } from './simulate-flags.ts'
import { readSimulatePlan, type SimulatePlan } from './simulate-plan.ts'

/** Checks all options, then writes or sends an ecosystem. @returns the exit code */
export async function runSimulate(flags: SimulateFlags, surplus: readonly string[], terminal: Terminal): Promise<number> {
  const plan = readSimulatePlan(flags, surplus, terminal)
  if (!('ecosystem' in plan)) {
    for (const failure of plan) terminal.messages.write(failureText(failure))
    return exitCodes.invalid
  }
  const progress = new ProgressLine(terminal.messages, terminal.clock)
  try {
    if (plan.live === undefined) await writeDays(plan, terminal, progress)
    else await sendLife(plan.ecosystem, plan.live, { terminal, progress })
  } finally {
    progress.clear()
  }
  return exitCodes.done
}

async function writeDays({ ecosystem, output, truth }: SimulatePlan, { stop, messages, clock }: Terminal, progress: ProgressLine): Promise<void> {
  const began = clock.now()
  let calls = 0
  for (const part of simulate(ecosystem, (record) => truth?.write(`${truthText(record)}\n`))) {
    stop.throwIfAborted()
    for (const call of part) output.write(`${callText(call, `sim-${ecosystem.seed}-${calls++}`)}\n`)
    await output.drain()
    await truth?.drain()
    const day = Math.floor(((part[0]?.at ?? ecosystem.from) - ecosystem.from) / DAY_MS)
    await progress.show(() => `rondo: day ${day + 1} of ${ecosystem.days}, ${calls} events, ${rateOf(calls, clock.now() - began)} events/s`)
  }
  await output.flush()
  await truth?.flush()
  const { from, days, seed } = ecosystem
  progress.clear()
  messages.write(`rondo: ${calls} events from ${formatInstant(from)} to ${formatInstant(from + days * DAY_MS)}, with seed ${seed}.\n`)
}

const rateOf = (calls: number, ms: number): number => Math.round(calls / Math.max(ms / 1000, 0.001))

const timesOfTruth: ReadonlySet<string> = new Set(['at', 'missingFrom', 'metAt'])

/** A record as a line, with times as people read them. */
function truthText(record: TruthRecord): string {
  return JSON.stringify(record, (name, value: unknown) => (timesOfTruth.has(name) && typeof value === 'number' ? formatInstant(value) : value))
}
