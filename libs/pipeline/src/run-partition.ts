import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorCode, type Instant, RondoError } from '#contracts'
import type { CompiledCycle, Disposition, RemarksRecord, TimeHolder } from '#cycle'
import type { CommitBatch, LogRecord, OwnedPartition } from '#event-log'
import { timeZoneData, untilAborted } from '#runtime'
import { decodeRecord } from './decode-frame.ts'
import { type BatchLimits, defaultLimits, PartitionRun } from './partition-run.ts'
import { type RestoreProgress, restore } from './restore.ts'

/** What a partition's run tells of itself. */
type PartitionReport =
  | ({ readonly kind: 'restored'; readonly dueAt: Instant } & PartitionStatus)
  | ({ readonly kind: 'committed'; readonly dueAt: Instant; readonly outputs: number } & PartitionStatus)
  | ({ readonly kind: 'restoring' } & RestoreProgress)
  /** Records of the log that were refused and lie in quarantine by now. */
  | { readonly kind: 'refused'; readonly error: RondoError }
  /** How many copies of events a batch has dropped, by the topic or import that they came through; '' is HTTP. */
  | { readonly kind: 'dropped'; readonly copies: ReadonlyMap<string, number> }
  | { readonly kind: 'commit-failed'; readonly error: RondoError }
  /** The local days that it goes on from may have been cut otherwise than those to come. */
  | { readonly kind: 'zones'; readonly warning: string }

/** The status of a partition. */
interface PartitionStatus {
  readonly logTime: Instant
  readonly actors: number
  /** The offset of the record that was applied last; -1 before the first. */
  readonly offset: number
  /** The first record that a restore would read. */
  readonly restoreFrom: number
  /** Who holds log time where it is; undefined where no writer is open. */
  readonly heldBy: TimeHolder | undefined
  /** What became of its events, from the log's beginning to its position. */
  readonly events: Readonly<Record<Disposition, number>>
  /** Values that are left out, by measure. */
  readonly skipped: RemarksRecord['skipped']
}

export interface RunOptions {
  /** Ends the run between two batches. */
  readonly signal: AbortSignal
  readonly report?: (report: PartitionReport) => void
  /** Makes hash collisions unpredictable; changes no outcome. */
  readonly seed?: number
  /** Which run of the definition over the log this is, from 1; part of every output's id. */
  readonly generation?: number
  /** How long to wait for records, in milliseconds. */
  readonly waitMs?: number
  readonly limits?: Partial<BatchLimits>
}

const WAIT_MS = 250
const RETRY_MS = 1000

/**
 * Read, decode, fold, publish: the life of one partition in this process, from its last committed position until the signal or until
 * another owner has it. Rejects where the log or the state cannot be read or written; what was committed stands.
 */
export async function runPartition(owned: OwnedPartition, cycle: CompiledCycle, options: RunOptions): Promise<void> {
  const { signal, report } = options
  const limits = { ...defaultLimits, ...options.limits }
  const begin = (): PartitionRun =>
    new PartitionRun(cycle, { partition: owned.partition, seed: options.seed ?? 0, generation: options.generation ?? 1, limits })
  const { run, zones } = await restore(owned, begin, { signal, report: (progress) => report?.({ kind: 'restoring', ...progress }) })
  // A restore that was cut short has not brought the state to the committed position.
  if (signal.aborted) return
  report?.({ kind: 'restored', dueAt: run.dueAt, ...statusOf(run) })
  const warning = zoneWarning(cycle.changingZone, zones)
  if (warning !== undefined) report?.({ kind: 'zones', warning })
  const publisher = new Publisher(owned, run, options)
  let isOurs = await publisher.fireAll()
  while (isOurs && !signal.aborted) {
    // Left at the signal: while the log cannot be reached, a read lasts as long as the ownership.
    const reading = owned.read(run.nextOffset, { bytesMax: limits.bytesAtOnce, waitMs: options.waitMs ?? WAIT_MS })
    const records = (await untilAborted(reading, signal)) ?? []
    isOurs = (await foldRecords(records, run, publisher)) && (await publisher.publish())
  }
}

/** Data of another version may begin some days at other instants; what was folded so far stands as it is. */
function zoneWarning(zone: string | undefined, before: ReadonlySet<string>): string | undefined {
  const others = [...before].filter((version) => version !== timeZoneData)
  if (zone === undefined || others.length === 0) return undefined
  return `Days of ${zone} were counted with time zone data ${others.sort().join(', ')} so far, and are with ${timeZoneData} from now on. Where the two differ for ${zone}, what is stored follows the old days: fold the log again (a new data folder, or a new group) to have one of them throughout.`
}

/** @returns false where the partition is lost */
async function foldRecords(records: readonly LogRecord[], run: PartitionRun, publisher: Publisher): Promise<boolean> {
  for (const record of records) {
    for (const [index, entry] of decodeRecord(record).entries()) {
      if (run.hasApplied(record.offset, index)) continue
      run.apply(record.offset, index, entry)
      run.checkpoints.advance(record.appendedAt)
      if (!(run.fire() || (await publisher.fireAll()))) return false
    }
    run.nextOffset = record.offset + 1
    if (run.isFull && !(await publisher.publish())) return false
  }
  return true
}

function statusOf({ fold, position, checkpoints }: PartitionRun): PartitionStatus {
  const place = { offset: position?.offset ?? -1, restoreFrom: checkpoints.oldest?.offset ?? 0, heldBy: fold.time.holder }
  return { logTime: fold.time.now, actors: fold.store.table.size, ...place, events: { ...fold.counts }, skipped: fold.remarks.record().skipped }
}

/** Commits what a run has made. Its methods resolve with false where the partition is lost. */
class Publisher {
  readonly #owned: OwnedPartition
  readonly #run: PartitionRun
  readonly #options: RunOptions

  constructor(owned: OwnedPartition, run: PartitionRun, options: RunOptions) {
    this.#owned = owned
    this.#run = run
    this.#options = options
  }

  /** Fires everything that is due, in as many batches as it takes. */
  async fireAll(): Promise<boolean> {
    while (!this.#run.fire()) if (!(await this.publish())) return false
    return true
  }

  async publish(): Promise<boolean> {
    if (!this.#run.hasMoved) return true
    const batch = this.#run.takeBatch()
    if (!(await this.#commit(batch))) return false
    for (const error of refusalsOf(batch)) this.#options.report?.({ kind: 'refused', error })
    const copies = this.#run.takeCopies()
    if (copies !== undefined) this.#options.report?.({ kind: 'dropped', copies })
    this.#options.report?.({ kind: 'committed', dueAt: batch.dueAt, outputs: batch.outputs.length, ...statusOf(this.#run) })
    return true
  }

  async #commit(batch: CommitBatch): Promise<boolean> {
    for (;;) {
      try {
        return (await this.#owned.commit(batch)) === 'committed'
      } catch (error) {
        if (!(error instanceof RondoError && error.retriable) || this.#options.signal.aborted) throw error
        this.#options.report?.({ kind: 'commit-failed', error })
        await sleep(RETRY_MS, undefined, { signal: this.#options.signal })
      }
    }
  }
}

/** One for each code; the places are in quarantine, so that what repeats is one message. */
function refusalsOf({ quarantine }: CommitBatch): RondoError[] {
  return [...new Set(quarantine.map(({ code }) => code))].map((code) => {
    const message =
      code === 'RONDO_RECORD_FOREIGN'
        ? 'Another program writes to the log: a tick or an arrival far ahead of its time, or an import amid the log. It was refused and lies in quarantine, with its offset.'
        : 'A record of the log cannot be read. It was refused and lies in quarantine, with its offset.'
    return new RondoError(code as ErrorCode, message)
  })
}
