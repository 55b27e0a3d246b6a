import type { EventName, Position } from '#contracts'
import { faultPoint, pause } from '#runtime'
import type { CheckpointPart, CommitBatch, CommitOutcome, LogRecord, OwnedPartition } from '../event-log.ts'
import type { FrameReader } from './frame-reader.ts'
import type { StateStore } from './state-store.ts'

/** The time between two polls for new frames. It costs an idle process 1 to 2 % of a core. */
const POLL_MS = 5

/** The partition that is owned, and the files of its folder. */
interface SqlitePartitionOptions {
  readonly partition: number
  readonly epoch: number
  readonly frames: FrameReader
  readonly store: StateStore
  /** Awaited after each batch. */
  readonly afterCommit: () => Promise<void>
}

/** A partition as one owner sees it; `epoch` distinguishes it from earlier and later owners. */
export class SqliteOwnedPartition implements OwnedPartition {
  readonly partition: number
  readonly partitions = 1
  readonly #epoch: number
  readonly #frames: FrameReader
  readonly #store: StateStore
  readonly #afterCommit: () => Promise<void>
  readonly #end = new AbortController()

  constructor(options: SqlitePartitionOptions) {
    this.partition = options.partition
    this.#epoch = options.epoch
    this.#frames = options.frames
    this.#store = options.store
    this.#afterCommit = options.afterCommit
  }

  async committed(): Promise<Position | undefined> {
    return this.#store.committed(this.partition)
  }

  async partitionMetadata(): Promise<string | undefined> {
    return this.#store.partitionMetadata(this.partition)
  }

  async names(): Promise<readonly EventName[]> {
    return this.#store.names(this.partition)
  }

  async *checkpoints(): AsyncGenerator<CheckpointPart> {
    faultPoint('restore', 'enter')
    try {
      let part = this.#store.checkpointAfter(this.partition, Number.MIN_SAFE_INTEGER)
      while (part !== undefined && !this.#end.signal.aborted) {
        yield part
        part = this.#store.checkpointAfter(this.partition, part.bucket)
      }
    } finally {
      faultPoint('restore', 'leave')
    }
  }

  async read(offset: number, limits: { bytesMax: number; waitMs: number }): Promise<readonly LogRecord[]> {
    const { signal } = this.#end
    for (let waited = 0; !signal.aborted; waited += POLL_MS) {
      const records = this.#frames.read(this.partition, offset, limits.bytesMax)
      if (records.length > 0 || waited >= limits.waitMs) return records
      await pause(Math.min(POLL_MS, limits.waitMs - waited), signal)
    }
    return []
  }

  async commit(batch: CommitBatch): Promise<CommitOutcome> {
    if (this.#end.signal.aborted) return 'lost'
    const outcome = this.#store.commit(this.partition, this.#epoch, batch)
    if (outcome === 'lost') this.end()
    await this.#afterCommit()
    return outcome
  }

  end(): void {
    this.#end.abort()
  }
}
