import { type ActivityEvent, formatInstant, type Instant, type LateRecord, type Output, type Position, type QuarantineRecord } from '#contracts'
import {
  type AddressedEvent,
  type Disposition,
  dispositions,
  type FoldEvent,
  type FoldProgress,
  type PartitionState,
  type PathCountsRecord,
  type RemarksRecord,
  type TimeHolder,
} from '#cycle'
import type { CommitBatch, LogRecord } from '#event-log'
import { timeZoneData } from '#runtime'
import type { Checkpoints } from './checkpoints.ts'
import type { Entry } from './decode-frame.ts'
import type { EntryFold, EntryPosition } from './entry-fold.ts'
import type { EventNames } from './event-names.ts'
import type { LogReading } from './log-reading.ts'
import { compareRecords, type PartitionMetadata, type PushOut } from './partition-metadata.ts'

/** The sizes of reads, commit batches and checkpoint rounds. No output depends on them. */
export interface BatchLimits {
  /** The approximate number of bytes of the log that are read at once, and committed at once unless `outputsMax` ends the batch earlier. */
  readonly bytesAtOnce: number
  /** A batch ends when it holds about this many outputs, so that a transaction stays small also when a million deadlines are due at once. */
  readonly outputsMax: number
  /** The number of actors that are checked for deadlines before the run checks again whether the batch is full. */
  readonly firingsAtOnce: number
  /** Every bucket of actors is written once in about this many entries of the log. A restore folds about this many entries again at most. */
  readonly checkpointRound: number
  /** Every bucket is also written once in this time, by the log's clock. Undefined if the log keeps its records for ever. */
  readonly checkpointRenewMs?: number | undefined
}
/** For a log on this machine. */
export const defaultLimits: BatchLimits = { bytesAtOnce: 1 << 20, outputsMax: 8_000, firingsAtOnce: 500, checkpointRound: 1_000_000 }
/** For a log behind a network. A commit takes several requests to brokers; a large commit takes about as long as a small one. */
export const networkLogLimits: Pick<BatchLimits, 'bytesAtOnce' | 'outputsMax'> = { bytesAtOnce: 4 << 20, outputsMax: 10_000 }

/** Which partition is run, as which run of the definition. */
export interface PartitionRunOptions {
  readonly partition: number
  readonly generation: number
  readonly limits: BatchLimits
  /** Where its records come from. */
  readonly reading: LogReading
}

/** The status of a partition. */
export interface PartitionStatus {
  readonly logTime: Instant
  readonly actors: number
  /** The offset of the record that was applied last; -1 before the first, so that the next one is always at `offset + 1` or later. */
  readonly offset: number
  /** The first record that a restore would read. */
  readonly restoreFrom: number
  /** The writer for whose next tick log time waits; undefined if no writer is open. */
  readonly heldBy: TimeHolder | undefined
  /** The number of its events by disposition, from the log's beginning to its position. */
  readonly events: Readonly<Record<Disposition, number>>
  /** The number of values that were not counted, by measure. */
  readonly skipped: RemarksRecord['skipped']
  /** How many events had a value at the paths of the definition. */
  readonly paths: PathCountsRecord
}

/** The state at a committed position, from which a run continues. */
export interface StartPoint {
  readonly checkpoints: Checkpoints
  readonly position: Position | undefined
  readonly metadata: PartitionMetadata | undefined
  /** The push-outs since the oldest checkpoint: a restore has to repeat them. */
  readonly pushOuts: readonly PushOut[]
  readonly names: EventNames
}

/** A batch to commit, with what is reported once it is committed. */
export interface FilledBatch {
  readonly batch: CommitBatch
  /** The number of copies of events that were dropped, by the topic or import through which they came; '' is HTTP. */
  readonly copies: ReadonlyMap<string, number>
}

/** The fold of one partition, and the commit batch that it fills. */
export class PartitionRun {
  readonly partition: number
  readonly #state: PartitionState
  readonly #checkpoints: Checkpoints
  readonly #fold: EntryFold
  readonly #limits: BatchLimits
  readonly #reading: LogReading
  /** How far this run has applied the log. */
  #position: Position | undefined
  /** The offset that is read next. */
  #nextOffset: number
  /** The position at the end of the last batch that was made. */
  #previousPosition: Position | undefined
  #outputs: Output[] = []
  #late: LateRecord[] = []
  #quarantine: QuarantineRecord[] = []
  #pushOuts: PushOut[]
  #poisonCount = 0
  /** The event that is being applied, as it is in the log. */
  #currentEvent: ActivityEvent | undefined
  #newestArrival: Instant = Number.NEGATIVE_INFINITY
  #copies = new Map<string, number>()
  readonly #names: EventNames

  constructor({ partition, generation, limits, reading }: PartitionRunOptions, { checkpoints, position, metadata, pushOuts, names }: StartPoint) {
    this.partition = partition
    this.#limits = limits
    this.#reading = reading
    this.#state = checkpoints.state
    this.#checkpoints = checkpoints
    this.#position = position
    this.#previousPosition = position
    this.#nextOffset = position?.offset ?? 0
    this.#pushOuts = [...pushOuts]
    this.#names = names
    this.#fold = checkpoints.fold(
      {
        output: (output) => this.#outputs.push(output),
        late: (event, reason) => this.#recordLate(event, reason),
        seen: ({ arrival }, signals, isCopy) => {
          if (isCopy) this.#countCopy()
          else if (this.#currentEvent !== undefined) this.#names.saw({ record: this.#currentEvent, arrival, signals })
        },
        pushedOut: (actor) => this.#pushOuts.push({ ...this.#fold.at, actor }),
      },
      { generation },
    )
    if (metadata !== undefined) this.#resume(metadata)
  }

  #resume({ counts, poison, arrival, remarks, paths }: PartitionMetadata): void {
    Object.assign(this.#state.counts, counts)
    this.#poisonCount = poison
    this.#newestArrival = arrival ?? Number.NEGATIVE_INFINITY
    if (remarks !== undefined) this.#state.remarks.load(remarks)
    this.#state.paths.load(paths ?? {})
  }

  /** Reads what is behind the position: from the record of the position itself, until all of it has been applied. */
  async read({ waitMs }: { waitMs: number }): Promise<readonly LogRecord[]> {
    return await this.#reading.read(this.#nextOffset, { bytesMax: this.#limits.bytesAtOnce, waitMs })
  }

  /** The status at the position. */
  get status(): PartitionStatus {
    const state = this.#state
    return {
      logTime: state.time.now,
      actors: state.actors,
      offset: this.#position?.offset ?? -1,
      restoreFrom: this.#checkpoints.oldest?.offset ?? 0,
      heldBy: state.time.holder,
      events: { ...state.counts },
      skipped: state.remarks.record().skipped,
      paths: state.paths.record(),
    }
  }

  /**
   * Fires the deadlines that are due, and applies what is behind the position in these records. Yields each batch that is full, and the last one
   * if the position has moved.
   */
  *fold(records: Iterable<LogRecord>): Generator<FilledBatch> {
    yield* this.#fire()
    for (const record of records) yield* this.#applyRecord(record)
    yield* this.#flush()
  }

  *#applyRecord(record: LogRecord): Generator<FilledBatch> {
    for (const [index, entry] of this.#reading.decode(record).entries()) {
      if (this.#hasApplied(record.offset, index)) continue
      if (this.#apply(record, index, entry) === 'more') yield* this.#fire()
    }
    this.#nextOffset = record.offset + 1
    if (this.#isFull) yield* this.#flush()
  }

  *#fire(): Generator<FilledBatch> {
    for (;;) {
      const progress = this.#fold.fire(this.#limits.firingsAtOnce)
      this.#moveCursor()
      if (progress === 'done') return
      if (this.#isFull) yield* this.#flush()
    }
  }

  *#flush(): Generator<FilledBatch> {
    if (this.#position === undefined || this.#position === this.#previousPosition) return
    const copies = this.#copies
    this.#copies = new Map()
    yield { batch: this.#takeBatch(this.#position), copies }
  }

  get #isFull(): boolean {
    return this.#outputs.length + this.#late.length + this.#quarantine.length >= this.#limits.outputsMax
  }

  /** Whether the entry was applied before: it is at the position or before it. */
  #hasApplied(offset: number, index: number): boolean {
    return this.#position !== undefined && compareRecords({ offset, index }, this.#position) <= 0
  }

  #apply({ offset, appendedAt }: LogRecord, index: number, entry: Entry): FoldProgress {
    const at = { offset, index }
    this.#position = { offset, index, cursor: null }
    if (entry.kind === 'poison') this.#refuse(entry, at)
    if (entry.kind === 'event') {
      this.#currentEvent = entry.record
      this.#newestArrival = Math.max(this.#newestArrival, entry.event.arrival)
    }
    const progress = this.#fold.apply(at, entry, { budget: this.#limits.firingsAtOnce, appendedAt })
    this.#moveCursor()
    return progress
  }

  /** Moves the position behind the last deadline that fired. */
  #moveCursor(): void {
    const { cursor } = this.#fold
    if (this.#position !== undefined && cursor !== null && cursor !== this.#position.cursor) this.#position = { ...this.#position, cursor }
  }

  /** When something is due, as in {@link CommitBatch}. While log time has not passed the newest arrival, the arrival counts as a deadline, so that a tick is written. */
  get dueAt(): Instant {
    const { time, dueAt } = this.#state
    return this.#newestArrival > time.now ? Math.min(this.#newestArrival, dueAt) : dueAt
  }

  /** Ends the batch and begins the next one. */
  #takeBatch(position: Position): CommitBatch {
    const checkpoints = this.#checkpoints.partsFor(position, this.#pushOuts.length)
    const oldest = this.#checkpoints.oldest
    if (oldest !== undefined) this.#pushOuts = this.#pushOuts.filter((pushOut) => compareRecords(pushOut, oldest) > 0)
    const batch: CommitBatch = {
      previousPosition: this.#previousPosition,
      position,
      logTime: this.#state.time.now,
      dueAt: this.dueAt,
      graceMs: this.#fold.graceMs,
      outputs: this.#outputs,
      late: this.#late,
      quarantine: this.#quarantine,
      checkpoints,
      names: this.#names.takeChanged(),
      partitionMetadata: JSON.stringify(this.#metadata()),
    }
    this.#outputs = []
    this.#late = []
    this.#quarantine = []
    this.#previousPosition = position
    return batch
  }

  #metadata(): PartitionMetadata {
    const { counts: all } = this.#state
    // A release that does not know the last disposition can read counts without it.
    const counts = Object.fromEntries(dispositions.filter((name) => name !== 'not-addressed' || all[name] > 0).map((name) => [name, all[name]]))
    const arrival = Number.isFinite(this.#newestArrival) ? this.#newestArrival : null
    const { remarks, paths } = this.#state
    return {
      counts,
      remarks: remarks.record(),
      paths: paths.record(),
      poison: this.#poisonCount,
      names: true,
      arrival,
      zones: timeZoneData,
      pushOuts: this.#pushOuts,
    }
  }

  #countCopy(): void {
    const source = this.#currentEvent?.source ?? ''
    this.#copies.set(source, (this.#copies.get(source) ?? 0) + 1)
  }

  #recordLate(event: FoldEvent | AddressedEvent, reason: LateRecord['reason']): void {
    if (this.#currentEvent === undefined) return
    const { now } = this.#state.time
    const { addressed: _, countsFor: __, ...sent } = this.#currentEvent
    const addressed = 'sent' in event ? { addressed: { type: event.actorType, id: event.actorId } } : {}
    this.#late.push({ reason, logTime: Number.isFinite(now) ? formatInstant(now) : null, event: sent, ...addressed })
  }

  #refuse(entry: Extract<Entry, { kind: 'poison' }>, { offset, index }: EntryPosition): void {
    this.#poisonCount += 1
    const where = `activity partition ${this.partition}, offset ${offset}, index ${index}`
    const id = `activity-${this.partition}-${offset}-${index}`
    this.#quarantine.push({ code: entry.code, reason: entry.reason, where, refusedAt: null, raw: entry.raw, id, form: 'event' })
  }
}
