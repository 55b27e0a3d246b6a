import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorCode, type Instant, RondoError } from '#contracts'
import type { CompiledCycle, Disposition, RemarksRecord, TimeHolder } from '#cycle'
import type { LogRecord, OwnedPartition, Step } from '#event-log'
import { timeZoneData, untilAborted } from '#runtime'
import { decodeRecord } from './decode-frame.ts'
import { defaultLimits, Folding, type StepLimits } from './folding.ts'
import { type RestoreProgress, restore } from './restore.ts'

/** What a partition's run tells of itself. */
type Progress =
  | ({ readonly kind: 'restored'; readonly dueAt: Instant } & Standing)
  | ({ readonly kind: 'committed'; readonly dueAt: Instant; readonly outputs: number } & Standing)
  | ({ readonly kind: 'restoring' } & RestoreProgress)
  /** Records of the log that were refused and lie in quarantine by now. */
  | { readonly kind: 'refused'; readonly error: RondoError }
  /** How many copies of events a step has dropped, by the topic or import that they came through; '' is HTTP. */
  | { readonly kind: 'dropped'; readonly copies: ReadonlyMap<string, number> }
  | { readonly kind: 'trouble'; readonly error: RondoError }
  /** The local days that it goes on from may have been cut otherwise than those to come. */
  | { readonly kind: 'zones'; readonly warning: string }

/** Where a partition stands. */
interface Standing {
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
  /** Ends the run between two steps. */
  readonly signal: AbortSignal
  readonly report?: (progress: Progress) => void
  /** Makes hash collisions unpredictable; changes no outcome. */
  readonly seed?: number
  /** Which run of the definition over the log this is, from 1; part of every output's id. */
  readonly generation?: number
  /** How long to wait for records, in milliseconds. */
  readonly waitMs?: number
  readonly limits?: Partial<StepLimits>
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
  const begin = (): Folding => new Folding(cycle, { partition: owned.partition, seed: options.seed ?? 0, generation: options.generation ?? 1, limits })
  const { folding, zones } = await restore(owned, begin, { signal, report: (progress) => report?.({ kind: 'restoring', ...progress }) })
  // A restore that was cut short has not brought the state to the committed position.
  if (signal.aborted) return
  report?.({ kind: 'restored', dueAt: folding.dueAt, ...standingOf(folding) })
  const warning = zoneWarning(cycle.changingZone, zones)
  if (warning !== undefined) report?.({ kind: 'zones', warning })
  const publisher = new Publisher(owned, folding, options)
  let isOurs = await publisher.fireAll()
  while (isOurs && !signal.aborted) {
    // Left at the signal: while the log cannot be reached, a read lasts as long as the ownership.
    const reading = owned.read(folding.nextOffset, { bytesMax: limits.bytesAtOnce, waitMs: options.waitMs ?? WAIT_MS })
    const records = (await untilAborted(reading, signal)) ?? []
    isOurs = (await foldRecords(records, folding, publisher)) && (await publisher.publish())
  }
}

/** Data of another version may begin some days at other instants; what was folded so far stands as it is. */
function zoneWarning(zone: string | undefined, before: ReadonlySet<string>): string | undefined {
  const others = [...before].filter((version) => version !== timeZoneData)
  if (zone === undefined || others.length === 0) return undefined
  return `Days of ${zone} were counted with time zone data ${others.sort().join(', ')} so far, and are with ${timeZoneData} from now on. Where the two differ for ${zone}, what is stored follows the old days: fold the log again (a new data folder, or a new group) to have one of them throughout.`
}

/** @returns false where the partition is lost */
async function foldRecords(records: readonly LogRecord[], folding: Folding, publisher: Publisher): Promise<boolean> {
  for (const record of records) {
    for (const [index, entry] of decodeRecord(record).entries()) {
      if (folding.hasApplied(record.offset, index)) continue
      folding.apply(record.offset, index, entry)
      folding.checkpoints.advance(record.appendedAt)
      if (!(folding.fire() || (await publisher.fireAll()))) return false
    }
    folding.nextOffset = record.offset + 1
    if (folding.isFull && !(await publisher.publish())) return false
  }
  return true
}

function standingOf({ fold, position, checkpoints }: Folding): Standing {
  const place = { offset: position?.offset ?? -1, restoreFrom: checkpoints.oldest?.offset ?? 0, heldBy: fold.time.holder }
  return { logTime: fold.time.now, actors: fold.store.table.size, ...place, events: { ...fold.counts }, skipped: fold.remarks.record().skipped }
}

/** Commits what a folding has made. Its methods resolve with false where the partition is lost. */
class Publisher {
  readonly #owned: OwnedPartition
  readonly #folding: Folding
  readonly #options: RunOptions

  constructor(owned: OwnedPartition, folding: Folding, options: RunOptions) {
    this.#owned = owned
    this.#folding = folding
    this.#options = options
  }

  /** Fires everything that is due, in as many steps as it takes. */
  async fireAll(): Promise<boolean> {
    while (!this.#folding.fire()) if (!(await this.publish())) return false
    return true
  }

  async publish(): Promise<boolean> {
    if (!this.#folding.hasMoved) return true
    const step = this.#folding.takeStep()
    if (!(await this.#commit(step))) return false
    for (const error of refusalsOf(step)) this.#options.report?.({ kind: 'refused', error })
    const copies = this.#folding.takeCopies()
    if (copies !== undefined) this.#options.report?.({ kind: 'dropped', copies })
    this.#options.report?.({ kind: 'committed', dueAt: step.dueAt, outputs: step.outputs.length, ...standingOf(this.#folding) })
    return true
  }

  async #commit(step: Step): Promise<boolean> {
    for (;;) {
      try {
        return (await this.#owned.commit(step)) === 'committed'
      } catch (error) {
        if (!(error instanceof RondoError && error.retriable) || this.#options.signal.aborted) throw error
        this.#options.report?.({ kind: 'trouble', error })
        await sleep(RETRY_MS, undefined, { signal: this.#options.signal })
      }
    }
  }
}

/** One for each code; the places are in quarantine, so that what repeats is one message. */
function refusalsOf({ quarantine }: Step): RondoError[] {
  return [...new Set(quarantine.map(({ code }) => code))].map((code) => {
    const message =
      code === 'RONDO_RECORD_FOREIGN'
        ? 'Another program writes to the log: a tick or an arrival far ahead of its time, or an import amid the log. It was refused and lies in quarantine, with its offset.'
        : 'A record of the log cannot be read. It was refused and lies in quarantine, with its offset.'
    return new RondoError(code as ErrorCode, message)
  })
}
