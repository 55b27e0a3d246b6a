import { type ErrorCode, type Instant, RondoError } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { CommitBatch, LogRecord, OwnedPartition } from '#event-log'
import { pause, stopwatch, timeZoneData, untilAborted } from '#runtime'
import { type CommitSummary, summaryOf } from './commit-summary.ts'
import { type LogReading, SharedReading } from './log-reading.ts'
import { type BatchLimits, defaultLimits, type FilledBatch, PartitionRun, type PartitionStatus } from './partition-run.ts'
import { type RestoreProgress, restore } from './restore.ts'

/** A report of a partition's run. */
type PartitionReport =
  /** `seconds`: how long the restore took. */
  | ({ readonly kind: 'restored'; readonly dueAt: Instant; readonly seconds: number } & PartitionStatus)
  | ({ readonly kind: 'committed'; readonly dueAt: Instant; readonly commit: CommitSummary } & PartitionStatus)
  | ({ readonly kind: 'restoring' } & RestoreProgress)
  /** Records of the log that were refused and are in quarantine. */
  | { readonly kind: 'refused'; readonly error: RondoError }
  /** The number of copies of events that a batch has dropped, by the topic or import through which they came; '' is HTTP. */
  | { readonly kind: 'dropped'; readonly copies: ReadonlyMap<string, number> }
  | { readonly kind: 'commit-failed'; readonly error: RondoError }
  /** The local days so far were computed with other time zone data than the next ones. */
  | { readonly kind: 'zones'; readonly warning: string }

/** Spans around what a run does with frames of traced requests. */
interface FoldTracing {
  /** A frame with traces is folded from now on. */
  read(record: LogRecord): void
  /** Calls `commit` with the batch, or with one that has {@link CommitBatch.trace}. */
  publish<Outcome>(batch: CommitBatch, commit: (batch: CommitBatch) => Promise<Outcome>): Promise<Outcome>
}

/** How a partition is run. */
export interface RunOptions {
  /** Ends the run between two batches or two records: a process that ends does not wait for a million deadlines. */
  readonly signal: AbortSignal
  readonly report?: (report: PartitionReport) => void
  /** Makes hash collisions unpredictable; changes no outcome. */
  readonly seed?: number
  /** The number of the run of the definition over the log, from 1. It is a part of every output's id. */
  readonly generation?: number
  /** The longest wait of one read for records, in milliseconds. */
  readonly waitMs?: number
  readonly limits?: Partial<BatchLimits>
  /** The reading of this partition that the runs of other cycles use too. */
  readonly reading?: SharedReading | undefined
  readonly tracing?: FoldTracing | undefined
}

/** The longest wait for records, unless another is set: the signal is checked after it. */
const WAIT_MS = 250
/** The pause after a commit that failed and may succeed later. */
const RETRY_MS = 1000

/**
 * Reads, decodes, folds and publishes one partition in this process, from its last committed position until the signal, or until another
 * process owns the partition. Rejects if the log or the state cannot be read or written; committed batches stay committed.
 */
export async function runPartition(owned: OwnedPartition, cycle: CompiledCycle, options: RunOptions): Promise<void> {
  const reading = (options.reading ?? new SharedReading()).join(owned)
  try {
    await restoreAndRun({ owned, reading }, cycle, options)
  } finally {
    reading.leave()
  }
}

async function restoreAndRun({ owned, reading }: { owned: OwnedPartition; reading: LogReading }, cycle: CompiledCycle, options: RunOptions): Promise<void> {
  const { report } = options
  const limits = { ...defaultLimits, ...options.limits }
  const elapsed = stopwatch()
  const restored = await restore(owned, cycle, { ...options, reading, limits, report: (progress) => report?.({ kind: 'restoring', ...progress }) })
  if (restored === undefined) return
  const run = new PartitionRun({ partition: owned.partition, generation: options.generation ?? 1, limits, reading }, restored.start)
  report?.({ kind: 'restored', dueAt: run.dueAt, seconds: elapsed(), ...run.status })
  const warning = zoneWarning(cycle.changingZone, restored.zones)
  if (warning !== undefined) report?.({ kind: 'zones', warning })
  await foldUntilEnd(run, new Publisher(owned, run, options), () => run.read({ waitMs: options.waitMs ?? WAIT_MS }), options)
}

/** Folds and publishes until the signal, or until the partition is lost. */
async function foldUntilEnd(
  run: PartitionRun,
  publisher: Publisher,
  read: () => Promise<readonly LogRecord[]>,
  { signal, tracing }: Pick<RunOptions, 'signal' | 'tracing'>,
): Promise<void> {
  // Deadlines that were due at the restored position fire before the first read, which may wait.
  let continues = await publisher.publish(run.fold([]))
  while (continues && !signal.aborted) {
    // The signal ends the wait: a read from an unreachable log lasts as long as the ownership.
    const records = (await untilAborted(read(), signal)) ?? []
    continues = await publisher.publish(run.fold(untilSignal(records, signal, tracing)))
  }
}

/** Records up to the signal: what has been folded until then is still published. */
function* untilSignal(records: readonly LogRecord[], signal: AbortSignal, tracing: FoldTracing | undefined): Generator<LogRecord> {
  for (const record of records) {
    if (signal.aborted) return
    if (record.traces !== undefined) tracing?.read(record)
    yield record
  }
}

/** With another version of the time zone data, some days may begin at other instants. Days that are already folded are not changed. */
function zoneWarning(zone: string | undefined, before: ReadonlySet<string>): string | undefined {
  const others = [...before].filter((version) => version !== timeZoneData)
  if (zone === undefined || others.length === 0) return undefined
  return `Days of ${zone} were counted with time zone data ${others.sort().join(', ')} so far, and are with ${timeZoneData} from now on. Where the two differ for ${zone}, what is stored follows the old days: fold the log again (a new data folder, or a new group) to have one of them throughout.`
}

/** Commits the batches of a run. */
class Publisher {
  readonly #owned: OwnedPartition
  readonly #run: PartitionRun
  readonly #options: RunOptions

  constructor(owned: OwnedPartition, run: PartitionRun, options: RunOptions) {
    this.#owned = owned
    this.#run = run
    this.#options = options
  }

  /** Commits each batch before the next is made. @returns false if the run ends here: the partition is lost, or the signal came before the last batch */
  async publish(batches: Iterable<FilledBatch>): Promise<boolean> {
    let isEnded = false
    for (const { batch, copies } of batches) {
      // The next owner of the partition folds the records of this batch again.
      const seconds = isEnded ? undefined : await this.#commit(batch)
      if (seconds === undefined) return false
      isEnded = this.#options.signal.aborted
      for (const error of refusalsOf(batch)) this.#options.report?.({ kind: 'refused', error })
      if (copies.size > 0) this.#options.report?.({ kind: 'dropped', copies })
      this.#options.report?.({ kind: 'committed', dueAt: batch.dueAt, commit: summaryOf(batch, seconds), ...this.#run.status })
    }
    return true
  }

  /** @returns how long the commit took, in seconds; undefined if the partition is lost, or if the signal came before a commit that succeeds */
  async #commit(batch: CommitBatch): Promise<number | undefined> {
    const { tracing } = this.#options
    return await (tracing === undefined ? this.#store(batch) : tracing.publish(batch, (traced) => this.#store(traced)))
  }

  async #store(batch: CommitBatch): Promise<number | undefined> {
    for (;;) {
      const elapsed = stopwatch()
      try {
        return (await this.#owned.commit(batch)) === 'committed' ? elapsed() : undefined
      } catch (error) {
        if (!(error instanceof RondoError && error.retriable)) throw error
        // The next owner folds the records of this batch again.
        if (this.#options.signal.aborted) return undefined
        this.#options.report?.({ kind: 'commit-failed', error })
        await pause(RETRY_MS, this.#options.signal)
      }
    }
  }
}

/** The errors to report for the refused records of a batch: one for each code, since the records themselves are in quarantine. */
function refusalsOf({ quarantine }: CommitBatch): RondoError[] {
  return [...new Set(quarantine.map(({ code }) => code))].map((code) => {
    const message =
      code === 'RONDO_RECORD_FOREIGN'
        ? 'Another program writes to the log: a tick or an arrival far ahead of its time, or the beginning of an import in the middle of the log. It was refused and is in quarantine, with its offset.'
        : 'A record of the log cannot be read. It was refused and is in quarantine, with its offset.'
    return new RondoError(code as ErrorCode, message)
  })
}
