import { crc32 } from 'node:zlib'
import type { Instant, Position } from '#contracts'
import { type CompiledCycle, FOLD_VERSION, type FoldOptions, type FoldSink, LAYOUT_VERSION, type Owns, PartitionFold, type PartitionState } from '#cycle'
import type { CheckpointPart } from '#event-log'
import { BUCKETS } from '#keyed-state'
import { timeZoneData } from '#runtime'
import { EntryFold } from './entry-fold.ts'
import { type CheckpointMetadata, compareRecords, readCheckpointMetadata } from './partition-metadata.ts'

/** The limit of push-outs that a restore has to repeat. Above it all buckets are written at once, and the list becomes empty. */
const PUSH_OUTS_MAX = 50_000

/** How often {@link Checkpoints} writes the buckets. */
export interface CheckpointOptions {
  /** How many entries of the log are folded while every bucket is written once. */
  readonly round: number
  /** In how much time, by the log's clock, every bucket is written once, even if there are fewer entries than `round`. */
  readonly renewMs?: number | undefined
  /** The positions of the buckets in the state; none if the state is empty. */
  readonly loaded?: ReadonlyMap<number, Position>
  /** Whether an actor belongs to the partition; undefined if the log has one. */
  readonly owns?: Owns | undefined
}

/**
 * A partition's state with the positions at which its buckets were written. It distributes the buckets over the batches in turn, so that no
 * batch contains all of them. Only a fold that it hands out changes the state, so it knows how many entries were applied.
 */
export class Checkpoints {
  readonly state: PartitionState
  readonly #cycle: CompiledCycle
  readonly #roundEntries: number
  readonly #positions: Map<number, Position>
  readonly #renewMs: number
  readonly #owns: Owns | undefined
  #nextBucket: number
  #entriesFolded = 0
  #bucketsWritten = 0
  /** The first and the newest time, by the log's clock, of the records that were folded here. */
  #firstAppendedAt: Instant | undefined
  #lastAppendedAt: Instant = Number.NEGATIVE_INFINITY

  constructor(cycle: CompiledCycle, state: PartitionState, { round, renewMs = Number.POSITIVE_INFINITY, loaded = new Map(), owns }: CheckpointOptions) {
    this.#owns = owns
    this.state = state
    this.#cycle = cycle
    this.#roundEntries = round
    this.#renewMs = renewMs
    this.#positions = new Map(loaded)
    // The oldest bucket is written next; otherwise processes that end before a full round would never write it.
    this.#nextBucket = oldestOf(loaded)?.[0] ?? 0
  }

  /** A fold that continues from the state. */
  fold(sink: FoldSink, options: Omit<FoldOptions, 'state' | 'owns'> = {}): EntryFold {
    return new EntryFold(new PartitionFold(this.#cycle, sink, { ...options, owns: this.#owns, state: this.state }), (appendedAt) => this.#count(appendedAt))
  }

  /** The record up to which a bucket's actors have been folded; undefined if the bucket was never written. */
  positionOf(bucket: number): Position | undefined {
    return this.#positions.get(bucket)
  }

  /** The record from which a restore has to fold; undefined for the log's beginning. */
  get oldest(): Position | undefined {
    if (this.#positions.size < BUCKETS) return undefined
    return oldestOf(this.#positions)?.[1]
  }

  /** The parts that go into a batch which ends at `position`. */
  partsFor(position: Position, pushOuts: number): CheckpointPart[] {
    const due = pushOuts > PUSH_OUTS_MAX ? BUCKETS : this.#bucketsDue() - this.#bucketsWritten
    if (due <= 0) return []
    const logTime = this.state.time.save()
    const parts = Array.from({ length: Math.min(due, BUCKETS) }, () => this.#write(position, logTime))
    this.#bucketsWritten = this.#bucketsDue()
    return parts
  }

  #count(appendedAt: Instant | undefined): void {
    this.#entriesFolded += 1
    if (appendedAt === undefined) return
    this.#firstAppendedAt ??= appendedAt
    this.#lastAppendedAt = Math.max(this.#lastAppendedAt, appendedAt)
  }

  #bucketsDue(): number {
    const passedMs = this.#firstAppendedAt === undefined ? 0 : this.#lastAppendedAt - this.#firstAppendedAt
    return Math.floor((this.#entriesFolded / this.#roundEntries + passedMs / this.#renewMs) * BUCKETS)
  }

  #write(position: Position, logTime: CheckpointMetadata['logTime']): CheckpointPart {
    const bucket = this.#nextBucket
    const bytes = this.state.saveBucket(bucket)
    const metadata: CheckpointMetadata = { position, logTime, fold: foldIdentity(this.#cycle), zones: timeZoneData, checksum: crc32(bytes) }
    this.#positions.set(bucket, position)
    this.#nextBucket = (bucket + 1) % BUCKETS
    return { bucket, metadata: JSON.stringify(metadata), bytes }
  }
}

/** Loads a stored part into the state. Returns undefined if it cannot be used: it has another fold or layout version, is damaged, or is ahead of the committed position. */
export function loadBucket(cycle: CompiledCycle, state: PartitionState, part: CheckpointPart, committed: Position): CheckpointMetadata | undefined {
  const metadata = readCheckpointMetadata(part.metadata)
  if (metadata === undefined || metadata.fold !== foldIdentity(cycle) || metadata.checksum !== crc32(part.bytes)) return undefined
  if (compareRecords(metadata.position, committed) > 0) return undefined
  state.loadBucket(part.bytes)
  return metadata
}

/** The definition and the versions that stored bytes depend on: with other ones the bytes cannot be read. */
function foldIdentity({ fingerprint }: CompiledCycle): string {
  return `${fingerprint} ${FOLD_VERSION} ${LAYOUT_VERSION}`
}

/** The bucket with the oldest position; the first one of several. */
function oldestOf(positions: ReadonlyMap<number, Position>): readonly [number, Position] | undefined {
  let oldest: readonly [number, Position] | undefined
  for (const entry of positions) if (oldest === undefined || compareRecords(entry[1], oldest[1]) < 0) oldest = entry
  return oldest
}
