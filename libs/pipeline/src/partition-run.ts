import { type ActivityEvent, formatInstant, type Instant, type LateRecord, type Output, type Position, type QuarantineRecord, RondoError } from '#contracts'
import { type CompiledCycle, dispositions, type FoldEvent, PartitionFold } from '#cycle'
import type { CommitBatch } from '#event-log'
import { timeZoneData } from '#runtime'
import { Checkpoints } from './checkpoints.ts'
import type { Entry } from './decode-frame.ts'
import { compareRecords, type PartitionMetadata, type PushOut } from './partition-metadata.ts'

/** How much is read, and how much one batch and one round of checkpoints take; no output depends on any of them. */
export interface BatchLimits {
  /** About so much of the log is read, and with nothing else in the way committed, at once. */
  readonly bytesAtOnce: number
  /** A batch ends when it holds about this many outputs, so that a transaction stays small also when a million deadlines are due at once. */
  readonly outputsMax: number
  /** Actors looked at between two questions whether the batch is full. */
  readonly firingsAtOnce: number
  /** Every bucket of actors is written once in about this many entries of the log: the most that a restore has to fold again. */
  readonly checkpointRound: number
  /** Every bucket is written once in so much time of the log, where it does not keep its records for ever. */
  readonly checkpointRenewMs?: number | undefined
}
export const defaultLimits: BatchLimits = { bytesAtOnce: 1 << 20, outputsMax: 8_000, firingsAtOnce: 500, checkpointRound: 1_000_000 }
/** Where a commit is a conversation with brokers, which takes as long for many outputs as for few. */
export const distantLimits: Pick<BatchLimits, 'bytesAtOnce' | 'outputsMax'> = { bytesAtOnce: 4 << 20, outputsMax: 10_000 }

export interface PartitionRunOptions {
  readonly partition: number
  /** Makes hash collisions unpredictable; changes no outcome. */
  readonly seed: number
  readonly generation: number
  readonly limits: BatchLimits
}

/** One partition's fold with what it has made since the last commit. */
export class PartitionRun {
  readonly fold: PartitionFold
  readonly checkpoints: Checkpoints
  readonly partition: number
  position: Position | undefined
  /** Where to read on: the frame of the position itself, until all of it has been applied. */
  nextOffset = 0
  readonly #limits: BatchLimits
  #base: Position | undefined
  #outputs: Output[] = []
  #late: LateRecord[] = []
  #quarantine: QuarantineRecord[] = []
  #pushOuts: PushOut[] = []
  #poison = 0
  #record: ActivityEvent | undefined
  #arrival: Instant = Number.NEGATIVE_INFINITY
  #at = { offset: 0, index: 0 }
  #copies = new Map<string, number>()

  constructor(cycle: CompiledCycle, { partition, seed, generation, limits }: PartitionRunOptions) {
    this.partition = partition
    this.#limits = limits
    this.fold = new PartitionFold(
      cycle,
      {
        output: (output) => this.#outputs.push(output),
        late: (_event: FoldEvent, reason) => this.#recordLate(reason),
        pushedOut: (actor) => this.#pushOuts.push({ ...this.#at, actor }),
      },
      { seed, generation },
    )
    // Until it goes on from a committed position: what the records before it led to has been published.
    this.fold.silent = true
    this.checkpoints = new Checkpoints(cycle, this.fold, { round: limits.checkpointRound, renewMs: limits.checkpointRenewMs })
  }

  /** Goes on from a committed position: what follows is new. */
  resume(position: Position | undefined, summary: PartitionMetadata | undefined): void {
    this.fold.silent = false
    this.checkpoints.resume()
    this.position = position
    this.nextOffset = position?.offset ?? 0
    this.#base = position
    if (summary === undefined) return
    Object.assign(this.fold.counts, summary.counts)
    this.#poison = summary.poison
    this.#arrival = summary.arrival ?? Number.NEGATIVE_INFINITY
    if (summary.remarks !== undefined) this.fold.remarks.resume(summary.remarks)
    // A restore from the log's beginning has found them all again; one from checkpoints has them from the metadata.
    if (this.checkpoints.oldest !== undefined) this.#pushOuts = summary.pushOuts
  }

  get isFull(): boolean {
    return this.#outputs.length + this.#late.length + this.#quarantine.length >= this.#limits.outputsMax
  }

  /** Whether there is anything to commit. */
  get hasMoved(): boolean {
    return this.position !== this.#base
  }

  /** Whether an actor's state is from before a record, so that it still has to take it in. */
  isOlder(actorId: string, record: { offset: number; index: number }): boolean {
    const stamp = this.checkpoints.stampOf(this.fold.bucketOf(actorId))
    return stamp === undefined || compareRecords(record, stamp) > 0
  }

  /** Whether the entry stands at or before the position. */
  hasApplied(offset: number, index: number): boolean {
    return this.position !== undefined && compareRecords({ offset, index }, this.position) <= 0
  }

  /** Applies one entry of the log. Before the next, {@link fire} has to return true. */
  apply(offset: number, index: number, entry: Entry): void {
    this.#at = { offset, index }
    this.position = { offset, index, cursor: null }
    if (entry.kind === 'poison') this.#refuse(entry)
    else if (entry.kind === 'control') this.fold.applyControl(entry.record)
    else {
      this.#record = entry.record
      this.#arrival = Math.max(this.#arrival, entry.event.arrival)
      if (this.fold.applyEvent(entry.event) === 'duplicate') this.#countCopy(entry.record)
    }
  }

  /** Fires deadlines until none is left (true) or the batch is full (false). */
  fire(): boolean {
    const { firingsAtOnce } = this.#limits
    // After a restore the fold's cursor is that of the last deadline of the older states, which may lie before the committed one.
    const before = this.fold.cursor
    let done = this.fold.fireDue(firingsAtOnce)
    while (!done && !this.isFull) done = this.fold.fireDue(firingsAtOnce)
    if (this.position !== undefined && this.fold.cursor !== null && this.fold.cursor !== before) this.position = { ...this.position, cursor: this.fold.cursor }
    return done
  }

  /** How many copies of events were dropped since this was asked last, by what they came through; undefined where none was. */
  takeCopies(): ReadonlyMap<string, number> | undefined {
    if (this.#copies.size === 0) return undefined
    const copies = this.#copies
    this.#copies = new Map()
    return copies
  }

  /** As a batch says it. Until T has passed the newest arrival, nobody is told that it has been folded. */
  get dueAt(): Instant {
    const { store, time } = this.fold
    return this.#arrival > time.now ? Math.min(this.#arrival, store.due.key) : store.due.key
  }

  /** Everything since the last batch. */
  takeBatch(): CommitBatch {
    const { position } = this
    if (position === undefined) throw new RondoError('RONDO_INTERNAL', 'a batch was taken before any record had been applied')
    const checkpoints = this.checkpoints.take(position, this.#pushOuts.length)
    const oldest = this.checkpoints.oldest
    if (oldest !== undefined) this.#pushOuts = this.#pushOuts.filter((pushOut) => compareRecords(pushOut, oldest) > 0)
    const batch: CommitBatch = {
      base: this.#base,
      position,
      logTime: this.fold.time.now,
      dueAt: this.dueAt,
      outputs: this.#outputs,
      late: this.#late,
      quarantine: this.#quarantine,
      checkpoints,
      summary: JSON.stringify(this.#metadata()),
    }
    this.#outputs = []
    this.#late = []
    this.#quarantine = []
    this.#base = position
    return batch
  }

  #metadata(): PartitionMetadata {
    const counts = Object.fromEntries(dispositions.map((name) => [name, this.fold.counts[name]])) as PartitionMetadata['counts']
    const arrival = Number.isFinite(this.#arrival) ? this.#arrival : null
    return { counts, remarks: this.fold.remarks.record(), poison: this.#poison, arrival, zones: timeZoneData, pushOuts: this.#pushOuts }
  }

  #countCopy({ source = '' }: ActivityEvent): void {
    if (!this.fold.silent) this.#copies.set(source, (this.#copies.get(source) ?? 0) + 1)
  }

  #recordLate(reason: LateRecord['reason']): void {
    if (this.fold.silent || this.#record === undefined) return
    const { now } = this.fold.time
    this.#late.push({ reason, logTime: Number.isFinite(now) ? formatInstant(now) : null, event: this.#record })
  }

  #refuse(entry: Extract<Entry, { kind: 'poison' }>): void {
    if (this.fold.silent) return
    const { offset, index } = this.#at
    this.#poison += 1
    const where = `activity partition ${this.partition}, offset ${offset}, index ${index}`
    this.#quarantine.push({ code: entry.code, reason: entry.reason, where, refusedAt: null, raw: entry.raw })
  }
}
