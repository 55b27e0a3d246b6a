import { exitCodes } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import { ProgressLine } from '../progress-line.ts'
import type { Terminal } from '../terminal.ts'
import { replay } from './replay.ts'
import type { ReplayFlags } from './replay-flags.ts'
import { readReplayPlan } from './replay-plan.ts'
import { replaySummary } from './report.ts'

/** Checks all options, replays, and prints the result. @returns the exit code */
export async function runReplay(flags: ReplayFlags, surplus: readonly string[], terminal: Terminal): Promise<number> {
  const { messages } = terminal
  const { plan, failures, notes } = readReplayPlan(flags, surplus, terminal)
  for (const note of notes) messages.write(`${note}\n`)
  for (const failure of failures) messages.write(failureText(failure))
  if (plan === undefined) return exitCodes.invalid
  const progress = new ProgressLine(messages, terminal.clock)
  const started = terminal.clock.now()
  try {
    const report = await replay(plan, { stop: terminal.stop, progress })
    progress.clear()
    messages.write(replaySummary(report, plan, terminal.clock.now() - started))
    return report.rows.refused > 0 ? exitCodes.rowsRefused : exitCodes.done
  } finally {
    progress.clear()
  }
}
