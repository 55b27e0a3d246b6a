// The thread that folds: for each cycle its own connections to the data folder, one reading of the log for all, until it is asked to stop or all have failed.
import { parentPort, workerData } from 'node:worker_threads'
import { RondoError } from '#contracts'
import { compileCycle, formatDefect, readDefinition } from '#cycle'
import type { LogArchive, OwnedPartition } from '#event-log'
import { runPartition, SharedReading } from '#pipeline'
import { cycleLogReader } from '#projections'
import { hashSeed, Recency, systemClock } from '#runtime'
import type { FoldedCycle, WorkerOrder, WorkerReport } from './worker-report.ts'

/** The report of one cycle, without its name. */
type Report<Of = WorkerReport> = Of extends unknown ? Omit<Of, 'cycle'> : never
/** What a run reports. */
type Progress = Parameters<NonNullable<Parameters<typeof runPartition>[2]['report']>>[0]

const { folder, cycles, archive } = workerData as WorkerOrder
const stop = new AbortController()
parentPort?.once('message', () => stop.abort())
const reading = new SharedReading()

/** Parquet is loaded only where the log no longer has all of its frames. */
async function openArchive(path: string, log: Readonly<Record<string, string>>): Promise<LogArchive> {
  const { FolderArchive } = await import('#archive')
  return new FolderArchive(archive ?? path, log)
}

/** Folds a cycle until the stop. A failure ends it alone. */
async function fold({ cycle: name, definition, file, stateFile }: FoldedCycle): Promise<void> {
  const report = (message: Report): void => parentPort?.postMessage({ ...message, cycle: name })
  try {
    const parsed = readDefinition(definition, file)
    if (parsed.definition === undefined) throw new RondoError('RONDO_DEFINITION_INVALID', parsed.defects.map(formatDefect).join('\n'))
    const cycle = compileCycle(parsed.definition)
    const reader = cycleLogReader(folder, { stateFile, onRebuild: (rebuild) => report({ kind: 'rebuild', rebuild }), openArchive })
    try {
      const { promise, resolve } = Promise.withResolvers<OwnedPartition>()
      await reader.own({ assigned: resolve, revoked: () => stop.abort() })
      await runPartition(await promise, cycle, { signal: stop.signal, seed: hashSeed(), reading, report: reporterOf(report) })
      if (!stop.signal.aborted) throw new RondoError('RONDO_DATA_LOCKED', `Another process folds the data folder ${folder}. Stop it, then start again.`)
    } finally {
      await reader.close()
    }
  } catch (error) {
    report({ kind: 'failed', ...failureOf(error) })
  }
}

/** There is a report for each record that is folded again; so many messages would slow the restore. */
const RESTORING_MS = 250

function reporterOf(report: (message: Report) => void): (progress: Progress) => void {
  const restoringAt = new Recency(systemClock)
  return (progress) => reportProgress(progress, restoringAt, report)
}

function reportProgress(progress: Progress, restoringAt: Recency, report: (message: Report) => void): void {
  if (progress.kind === 'commit-failed' || progress.kind === 'refused') report({ kind: progress.kind, ...failureOf(progress.error) })
  else if (progress.kind !== 'restoring') report(progress)
  else if (restoringAt.ageMs >= RESTORING_MS) {
    restoringAt.renew()
    report(progress)
  }
}

function failureOf(error: unknown): { code: RondoError['code']; message: string } {
  if (error instanceof RondoError) return { code: error.code, message: error.message }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'RONDO_INTERNAL', message: `The processor failed: ${detail}` }
}

void Promise.all(cycles.map(fold)).finally(() => parentPort?.close())
