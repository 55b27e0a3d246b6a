import type { Instant, LateRecord, Output, Position, QuarantineRecord } from '#contracts'

/**
 * One record of `activity`: a frame, the entries that ingest accepted for one partition within a few milliseconds, one JSON text a
 * line (NDJSON). An entry is an ActivityEvent or a ControlRecord. Offsets grow by record, not necessarily by one.
 */
export interface LogRecord {
  readonly offset: number
  /** By the clock of the log, when it was appended; undefined where nobody but Rondo can write the log. The same at every reading. */
  readonly appendedAt?: Instant
  readonly frame: string
}

/** A part of a checkpoint: the packed states of one bucket of actors, as they were at the position in its stamp. Opaque bytes here. */
export interface CheckpointPart {
  readonly bucket: number
  /** Everything that a restore needs to know about the partition at that moment (position, log time, writers, versions), as JSON. */
  readonly stamp: string
  readonly bytes: Uint8Array
}

/** What the fold made since the last commit, to be published all or nothing together with the position it leads to. */
export interface CommitBatch {
  /** The position it was folded from: what must be committed now, or the batch is refused. Undefined at the log's beginning. */
  readonly base: Position | undefined
  readonly position: Position
  /** T at `position`, minus infinity before the first tick: how fresh everything is that readers are shown. */
  readonly logTime: Instant
  /** The next time that T has to pass before anything comes of it: a deadline, or the newest arrival. Plus infinity where there is none. */
  readonly dueAt: Instant
  readonly outputs: readonly Output[]
  readonly late: readonly LateRecord[]
  readonly quarantine: readonly QuarantineRecord[]
  /** Replaces the stored part of the same bucket. */
  readonly checkpoints: readonly CheckpointPart[]
  /** Partition-wide state at `position` (counters, what bounds pushed out), as JSON; replaces what was stored. */
  readonly summary: string
}

/**
 * What became of a commit batch. `lost`: another owner is at work, or the committed position is neither the batch's base nor its end. It ends the
 * ownership as `revoked` would: drop all state; if the partition comes back, it is assigned again.
 */
export type CommitOutcome = 'committed' | 'lost'

/**
 * A partition that this process owns, until it is revoked.
 *
 * An implementer guarantees:
 * - `committed` and `checkpoints` see everything that any earlier owner committed, and nothing of what it did not: no earlier owner
 *   can commit any more once `committed` has answered (it is fenced).
 * - `commit` is atomic and durable: after it resolves with `committed`, outputs, position and checkpoints are all there, also after
 *   a crash at any instant; if the process dies before, all or none of them are. It never publishes a batch twice: where its outcome
 *   was unknown, it finds out before it resolves. It rejects with a RondoError where nothing was published; if that is retriable
 *   (RONDO_DATA_FULL), the same batch may be committed again.
 * - Records are read in offset order, none left out, only what was durable. Once the ownership has ended `read` answers an empty list.
 */
export interface OwnedPartition {
  readonly partition: number
  /** The position of the last committed batch; undefined if none was. */
  committed(): Promise<Position | undefined>
  /** The summary of the last committed batch. */
  summary(): Promise<string | undefined>
  checkpoints(): AsyncIterable<CheckpointPart>
  /**
   * Up to about `bytesMax` of frames from `offset` on (at least one, if there is one). Waits up to `waitMs` for the first;
   * resolves with an empty list if none came.
   */
  read(offset: number, limits: { bytesMax: number; waitMs: number }): Promise<readonly LogRecord[]>
  commit(batch: CommitBatch): Promise<CommitOutcome>
}

/** Called when partitions are assigned and revoked. `revoked` is synchronous: after it nothing of the partition may be used. */
export interface Ownership {
  assigned(owned: OwnedPartition): void
  revoked(partition: number): void
}

/** A record of the public feed, in the order of publication. `cursor` is opaque to readers and grows. */
export interface FeedRecord {
  readonly cursor: number
  readonly output: string
}

/**
 * The event log as those who write see it. `append` resolves when the frames are durable, in the order given, after everything
 * appended to that partition before; its value is the offset of the first (of no frames: the offset that the next one will have).
 * It rejects with a RondoError. With RONDO_DATA_FULL (the disk is full, retriable) none of them will ever be read. After any other it
 * is not known which of them are in the log, so they may be sent again under the same ids: the fold drops the copies.
 */
export interface LogWriter {
  readonly partitions: number
  append(partition: number, frames: readonly string[]): Promise<number>
  close(): Promise<void>
}

/** The event log as processors see it: partitions are handed to `ownership` until `close`. */
export interface LogReader {
  own(ownership: Ownership): Promise<void>
  close(): Promise<void>
}

/** The public feed as its readers see it: committed outputs only, oldest first, after a cursor (0: from the beginning). */
export interface Feed {
  /** After a cursor above the end there is nothing. */
  read(after: number, limit: number): Promise<readonly FeedRecord[]>
  /** The newest ones, oldest of them first. */
  newest(limit: number): Promise<readonly FeedRecord[]>
}
