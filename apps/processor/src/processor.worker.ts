// The thread that folds: for each cycle its own connections to the data folder, one reading of the log for all, until it is asked to stop or all have failed.
import { parentPort, workerData } from 'node:worker_threads'
import { RondoError } from '#contracts'
import { compileCycle, formatDefect, readDefinition } from '#cycle'
import type { LogArchive, OwnedPartition } from '#event-log'
import { runPartition, SharedReading } from '#pipeline'
import { cycleLogReader, type Rebuild } from '#projections'
import { hashSeed, Recency, retry, systemClock, untilAborted } from '#runtime'
import { startTracing, type Tracing } from '#tracing'
import type { FoldedCycle, WorkerMessage, WorkerOrder, WorkerReport } from './worker-report.ts'

/** The report of one cycle, without its name. */
type Report<Of = WorkerReport> = Of extends unknown ? Omit<Of, 'cycle'> : never
/** What a run reports. */
type Progress = Parameters<NonNullable<Parameters<typeof runPartition>[2]['report']>>[0]

const { folder, cycles, archive, tracing: tracingOrder } = workerData as WorkerOrder
const stop = new AbortController()
/** The folds that have not ended. */
const folds = new Set<Promise<void>>()
parentPort?.on('message', (message: WorkerMessage) => {
  if (message === 'stop') stop.abort()
  else begin(message.add)
})
const reading = new SharedReading()

/** Parquet is loaded only where the log no longer has all of its frames. */
async function openArchive(path: string, log: Readonly<Record<string, string>>): Promise<LogArchive> {
  const { FolderArchive } = await import('#archive')
  return new FolderArchive(archive ?? path, log)
}

/** Folds a cycle until the stop. A failure ends it alone. */
async function fold({ cycle: name, definition, file, stateFile, failure }: FoldedCycle): Promise<void> {
  const tracing = await traced
  const report = (message: Report): void => parentPort?.postMessage({ ...message, cycle: name })
  // The partition of this cycle alone: other cycles go on when it is revoked.
  const revocation = new AbortController()
  const signal = AbortSignal.any([stop.signal, revocation.signal])
  try {
    if (failure !== undefined) throw new RondoError(failure.code, failure.message)
    const parsed = readDefinition(definition, file)
    if (parsed.definition === undefined) throw new RondoError('RONDO_DEFINITION_INVALID', parsed.defects.map(formatDefect).join('\n'))
    const cycle = compileCycle(parsed.definition)
    const onRebuild = (rebuild: Rebuild): void => report({ kind: 'rebuild', rebuild })
    const reader = cycleLogReader(folder, { stateFile, onRebuild, openArchive, hasTraces: tracing !== undefined })
    try {
      const { promise, resolve } = Promise.withResolvers<OwnedPartition>()
      const own = (): Promise<void> => reader.own({ assigned: resolve, revoked: () => revocation.abort() })
      await retry(own, { pauseMs: OWN_MS, signal, onFailure: (failure) => report({ kind: 'commit-failed', ...failureOf(failure) }) })
      const owned = await untilAborted(promise, signal)
      if (owned === undefined) return
      const spans = tracing?.foldSpans({ 'rondo.cycle': name, 'rondo.partition': 0 })
      await runPartition(owned, cycle, { signal, seed: hashSeed(), reading, report: reporterOf(report), tracing: spans })
      if (!stop.signal.aborted) throw new RondoError('RONDO_DATA_LOCKED', `Another process folds the data folder ${folder}. Stop it, then start again.`)
    } finally {
      await reader.close()
    }
  } catch (error) {
    report({ kind: 'failed', ...failureOf(error) })
  }
}

/** The pause before another attempt to own the partition, on a full disk. */
const OWN_MS = 1000
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

// The main thread reports a collector that cannot be reached.
const traced: Promise<Tracing | undefined> = tracingOrder === undefined ? Promise.resolve(undefined) : startTracing({ ...tracingOrder, onAlarm() {} })

function begin(cycle: FoldedCycle): void {
  const folding = fold(cycle).finally(() => folds.delete(folding))
  folds.add(folding)
}

async function foldAll(): Promise<void> {
  for (const cycle of cycles) begin(cycle)
  // A cycle may be added while others are folded.
  while (folds.size > 0) await Promise.all(folds)
  await (await traced)?.close()
}

void foldAll().finally(() => parentPort?.close())
