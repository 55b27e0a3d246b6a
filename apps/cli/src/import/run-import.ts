import { RondoError } from '#contracts'
import { exitCodes, INTERRUPTED } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { brokersTarget } from './brokers-target.ts'
import { folderTarget } from './folder-target.ts'
import { importHistory } from './import.ts'
import type { ImportFlags } from './import-flags.ts'
import { type ImportPlan, readImportPlan } from './import-plan.ts'
import { ImportProgress } from './import-progress.ts'
import { importSummary } from './import-report.ts'
import type { ImportTarget } from './import-target.ts'
import { serverTarget } from './server-target.ts'

/** Checks all options, imports, and prints the result. @returns the exit code */
export async function runImport(flags: ImportFlags, surplus: readonly string[], terminal: Terminal): Promise<number> {
  const { messages } = terminal
  const { plan, failures, notes } = readImportPlan(flags, surplus, terminal)
  for (const note of notes) messages.write(`${note}\n`)
  for (const failure of failures) messages.write(failureText(failure))
  if (plan === undefined) return exitCodes.invalid
  const progress = new ImportProgress(messages, terminal.clock)
  const target = await openTarget(plan, terminal, progress)
  try {
    return await runPlan(plan, { target, terminal, progress })
  } finally {
    progress.clear()
    await target.close()
  }
}

/** An import that runs, and where it reports. */
interface Run {
  readonly target: ImportTarget
  readonly terminal: Terminal
  readonly progress: ImportProgress
}

async function runPlan(plan: ImportPlan, { target, terminal, progress }: Run): Promise<number> {
  const { clock, stop, messages } = terminal
  const started = clock.now()
  let durable: { done: number; all: number } | undefined
  const onDurable = (done: number, all: number): void => {
    durable = { done, all }
  }
  try {
    const report = await importHistory(plan, { target, clock, stop, progress, onDurable })
    progress.clear()
    if (!report.isRepeated) messages.write(importSummary(report, { input: plan.rows.input.path, target: target.name }, clock.now() - started))
    return report.rows.refused + report.refusedLater > 0 ? exitCodes.rowsRefused : exitCodes.done
  } catch (error) {
    progress.clear()
    const canContinue = stop.aborted || (error instanceof RondoError && error.retriable)
    if (durable !== undefined && canContinue) messages.write(unfinishedText(durable, target))
    if (!stop.aborted) throw error
    if (durable === undefined) messages.write('rondo: Ended before the import began; nothing was written.\n')
    return INTERRUPTED
  }
}

function openTarget({ destination }: ImportPlan, { clock, stop }: Terminal, progress: ImportProgress): ImportTarget | Promise<ImportTarget> {
  if ('kafka' in destination) return brokersTarget(destination.kafka, destination.definitions, clock)
  if ('folder' in destination) return folderTarget(destination.folder, destination.definitions, clock)
  return serverTarget(destination.server, { stop, print: (text) => progress.print(text) })
}

function unfinishedText({ done, all }: { done: number; all: number }, { endsWhenIdle, canResume }: ImportTarget): string {
  if (!canResume) return `rondo: Ended before it was done: at least ${done} of ${all} rows are imported. Begin again in topics of another --prefix.\n`
  const limit = endsWhenIdle ? ', within 15 minutes: then the server ends the import, and live events continue' : ''
  return `rondo: Ended before it was done: at least ${done} of ${all} rows are imported. The same command continues after them${limit}.\n`
}
