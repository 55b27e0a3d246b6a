// The thread that folds: its own connections to the data folder, one partition, until it is asked to stop or has failed.
import { parentPort, workerData } from 'node:worker_threads'
import { RondoError } from '#contracts'
import { compileCycle, formatDefect, readDefinition } from '#cycle'
import type { LogArchive, OwnedPartition } from '#event-log'
import { runPartition } from '#pipeline'
import { cycleLogReader } from '#projections'
import { hashSeed, Recency, systemClock } from '#runtime'
import type { WorkerOrder, WorkerReport } from './worker-report.ts'

const { folder, definition, file, archive } = workerData as WorkerOrder
const report = (message: WorkerReport): void => parentPort?.postMessage(message)
const stop = new AbortController()
parentPort?.once('message', () => stop.abort())

/** Parquet is loaded only where the log no longer has all of its frames. */
async function openArchive(path: string, log: Readonly<Record<string, string>>): Promise<LogArchive> {
  const { FolderArchive } = await import('#archive')
  return new FolderArchive(archive ?? path, log)
}

async function run(): Promise<void> {
  const reading = readDefinition(definition, file)
  if (reading.definition === undefined) throw new RondoError('RONDO_DEFINITION_INVALID', reading.defects.map(formatDefect).join('\n'))
  const cycle = compileCycle(reading.definition)
  const reader = cycleLogReader(folder, (rebuild) => report({ kind: 'rebuild', rebuild }), openArchive)
  try {
    const { promise, resolve } = Promise.withResolvers<OwnedPartition>()
    await reader.own({ assigned: resolve, revoked: () => stop.abort() })
    await runPartition(await promise, cycle, { signal: stop.signal, seed: hashSeed(), report: (progress) => reportProgress(progress) })
    if (!stop.signal.aborted) throw new RondoError('RONDO_DATA_LOCKED', `Another process folds the data folder ${folder}. Stop it, then start again.`)
  } finally {
    await reader.close()
  }
}

/** There is a report for each record that is folded again; so many messages would slow the restore. */
const RESTORING_MS = 250
const restoringAt = new Recency(systemClock)

function reportProgress(progress: Parameters<NonNullable<Parameters<typeof runPartition>[2]['report']>>[0]): void {
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

run()
  .catch((error: unknown) => report({ kind: 'failed', ...failureOf(error) }))
  .finally(() => parentPort?.close())
