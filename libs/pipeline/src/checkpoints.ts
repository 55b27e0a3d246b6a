import { crc32 } from 'node:zlib'
import type { Instant, Position } from '#contracts'
import { type CompiledCycle, FOLD_VERSION, LAYOUT_VERSION, type PartitionState } from '#cycle'
import type { CheckpointPart } from '#event-log'
import { BUCKETS } from '#keyed-state'
import { timeZoneData } from '#runtime'
import { type CheckpointMetadata, checkpointMetadataSchema, compareRecords } from './partition-metadata.ts'

/** The limit of push-outs that a restore has to repeat. Above it all buckets are written at once, and the list becomes empty. */
const PUSH_OUTS_MAX = 50_000

/**
 * Distributes the buckets of actors over the batches in turn, so that no batch contains all of them. Each bucket is stored with the position
 * at which it was written.
 */
export class Checkpoints {
  readonly #state: PartitionState
  readonly #identity: string
  readonly #round: number
  readonly #positions = new Map<number, Position>()
  readonly #renewMs: number
  #next = 0
  #folded = 0
  #written = 0
  /** The first and the newest time, by the log's clock, of the records that were folded here. */
  #since: Instant | undefined
  #until: Instant = Number.NEGATIVE_INFINITY

  /**
   * @param round how many entries of the log are folded while every bucket is written once
   * @param renewMs in how much time, by the log's clock, every bucket is written once, even if there are fewer entries than `round`
   */
  constructor(cycle: CompiledCycle, state: PartitionState, { round, renewMs = Number.POSITIVE_INFINITY }: { round: number; renewMs?: number | undefined }) {
    this.#state = state
    this.#round = round
    this.#renewMs = renewMs
    this.#identity = `${cycle.fingerprint} ${FOLD_VERSION} ${LAYOUT_VERSION}`
  }

  /** One more entry has been folded. */
  advance(appendedAt?: Instant): void {
    this.#folded += 1
    if (appendedAt === undefined) return
    this.#since ??= appendedAt
    this.#until = Math.max(this.#until, appendedAt)
  }

  /** To be called when all parts are loaded. The oldest bucket is written next; otherwise processes that end before a full round would never write it. */
  resume(): void {
    let oldest: [number, Position] | undefined
    for (const position of this.#positions) if (oldest === undefined || compareRecords(position[1], oldest[1]) < 0) oldest = position
    this.#next = oldest?.[0] ?? 0
  }

  /** Loads a stored part. Returns undefined if it cannot be used: it has another fold or layout version, is damaged, or is ahead of the committed position. */
  load(part: CheckpointPart, committed: Position): CheckpointMetadata | undefined {
    const metadata = readCheckpointMetadata(part.metadata)
    if (metadata === undefined || metadata.fold !== this.#identity || metadata.checksum !== crc32(part.bytes)) return undefined
    if (compareRecords(metadata.position, committed) > 0) return undefined
    this.#state.loadBucket(part.bytes)
    this.#positions.set(part.bucket, metadata.position)
    return metadata
  }

  /** The record up to which a bucket's actors have been folded; undefined if the bucket was never written. */
  positionOf(bucket: number): Position | undefined {
    return this.#positions.get(bucket)
  }

  /** The record from which a restore has to fold; undefined for the log's beginning. */
  get oldest(): Position | undefined {
    if (this.#positions.size < BUCKETS) return undefined
    return [...this.#positions.values()].reduce((oldest, position) => (compareRecords(position, oldest) < 0 ? position : oldest))
  }

  /** The parts that go into a batch which ends at `position`. */
  take(position: Position, pushOuts: number): CheckpointPart[] {
    const due = pushOuts > PUSH_OUTS_MAX ? BUCKETS : this.#bucketsDue() - this.#written
    if (due <= 0) return []
    const logTime = this.#state.time.save()
    const parts = Array.from({ length: Math.min(due, BUCKETS) }, () => this.#write(position, logTime))
    this.#written = this.#bucketsDue()
    return parts
  }

  #bucketsDue(): number {
    const passedMs = this.#since === undefined ? 0 : this.#until - this.#since
    return Math.floor((this.#folded / this.#round + passedMs / this.#renewMs) * BUCKETS)
  }

  #write(position: Position, logTime: CheckpointMetadata['logTime']): CheckpointPart {
    const bucket = this.#next
    const bytes = this.#state.saveBucket(bucket)
    const metadata: CheckpointMetadata = { position, logTime, fold: this.#identity, zones: timeZoneData, checksum: crc32(bytes) }
    this.#positions.set(bucket, position)
    this.#next = (bucket + 1) % BUCKETS
    return { bucket, metadata: JSON.stringify(metadata), bytes }
  }
}

function readCheckpointMetadata(text: string): CheckpointMetadata | undefined {
  try {
    return checkpointMetadataSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
