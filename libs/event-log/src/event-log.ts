import type { EventName, Instant, LateRecord, Output, Position, QuarantineRecord } from '#contracts'

/**
 * One record of `activity`: a frame, the entries that ingest accepted for one partition within a few milliseconds, one JSON text a
 * line (NDJSON). An entry is an ActivityEvent or a ControlRecord. Offsets grow by record, not necessarily by one.
 */
export interface LogRecord {
  readonly offset: number
  /** When it was appended, by the clock of the log; undefined if only Rondo can write to the log. The same at every reading. */
  readonly appendedAt?: Instant
  readonly frame: string
  /** The traced requests whose events are in the frame, as W3C traceparents. No outcome depends on them. Undefined if there are none. */
  readonly traces?: readonly string[]
}

/** The traced requests of frames that are appended together: for each frame its {@link LogRecord.traces}. */
export type FrameTraces = readonly (readonly string[] | undefined)[]

/** A part of a checkpoint: the packed states of one bucket of actors, at the position in its metadata. Opaque bytes here. */
export interface CheckpointPart {
  readonly bucket: number
  /** What a restore needs to know about the partition at that moment (position, log time, writers, versions), as JSON. */
  readonly metadata: string
  readonly bytes: Uint8Array
}

/** What the fold made since the last commit: published all or nothing, together with the position that it leads to. */
export interface CommitBatch {
  /** The position of the batch before it: if another position is committed, this batch is refused. Undefined at the log's beginning. */
  readonly previousPosition: Position | undefined
  readonly position: Position
  /** T at `position`, minus infinity before the first tick; it shows readers how new the answers are. */
  readonly logTime: Instant
  /** The next time that T has to pass before something follows from it: a deadline, or the newest arrival. Plus infinity if there is none. */
  readonly dueAt: Instant
  /** The grace period of the definition, for processes that do not know it. */
  readonly graceMs?: number
  readonly outputs: readonly Output[]
  readonly late: readonly LateRecord[]
  readonly quarantine: readonly QuarantineRecord[]
  /** Replaces the stored part of the same bucket. */
  readonly checkpoints: readonly CheckpointPart[]
  /** The names of events whose counts have changed; each replaces the stored record of the same name. */
  readonly names: readonly EventName[]
  /** State of the whole partition at `position` (counters, entries that bounds pushed out), as JSON; replaces the stored one. */
  readonly partitionMetadata: string
  /** The span that publishes the batch, as a W3C traceparent, if it follows from traced requests. */
  readonly trace?: string
}

/**
 * The result of a commit. `lost`: another owner is at work, or the committed position is neither the previous position of the batch nor its end. It ends the
 * ownership as `revoked` would: drop all state; if the partition comes back, it is assigned again.
 */
export type CommitOutcome = 'committed' | 'lost'

/**
 * A partition that this process owns, until it is revoked.
 *
 * An implementer guarantees:
 * - `committed` and `checkpoints` see everything that any earlier owner committed, and nothing else: after `committed` has answered,
 *   no earlier owner can commit any more (it is fenced).
 * - `commit` is atomic and durable: after it resolves with `committed`, outputs, position and checkpoints are stored, also after
 *   a crash at any instant; if the process dies before, all or nothing of it is stored. It never publishes a batch twice: if the outcome
 *   is unknown, it determines it before it resolves. It rejects with a RondoError if nothing was published; if that is retriable
 *   (RONDO_DATA_FULL), the same batch may be committed again.
 * - Records are read in offset order, without gaps, and only durable ones. After the end of the ownership `read` gives an empty list.
 */
export interface OwnedPartition {
  readonly partition: number
  /** The name of the cycle for which it is owned; undefined in a log that is folded by one cycle only. */
  readonly cycle?: string
  /** How many partitions the log has: with it, the partition of any actor is known. */
  readonly partitions: number
  /** The position of the last committed batch; undefined if none was. */
  committed(): Promise<Position | undefined>
  /** The partition metadata of the last committed batch. */
  partitionMetadata(): Promise<string | undefined>
  /** The stored record of each name of events, as of the last committed batch. */
  names(): Promise<readonly EventName[]>
  checkpoints(): AsyncIterable<CheckpointPart>
  /**
   * Frames from `offset` on, up to about `bytesMax` bytes (at least one frame, if there is one). Waits up to `waitMs` for the first;
   * resolves with an empty list if none comes.
   */
  read(offset: number, limits: { bytesMax: number; waitMs: number }): Promise<readonly LogRecord[]>
  commit(batch: CommitBatch): Promise<CommitOutcome>
}

/**
 * The beginning of a log that was moved out of it, read as if it still were there: the same records at the same offsets. It may overlap the log; an
 * implementer guarantees that it has no gap, and that what is not as it was written is an error (RONDO_ARCHIVE_DAMAGED), never a missing record.
 */
export interface LogArchive {
  /** The offset after the last archived record of a partition; 0 if nothing is archived. */
  end(partition: number): Promise<number>
  /** Records from `offset` on, up to about `bytesMax` bytes (at least one, if there is one); an empty list from its end on. */
  read(partition: number, offset: number, bytesMax: number): Promise<readonly LogRecord[]>
  close(): Promise<void>
}

/**
 * Called when partitions are assigned and revoked. `revoked` is synchronous: after it no state of the partition may be used. If several cycles fold the log, a
 * partition is assigned for each of them, and revoked for all.
 */
export interface Ownership {
  assigned(owned: OwnedPartition): void
  revoked(partition: number): void
}

/** A record of the public feed, in the order of publication. `cursor` is opaque to readers and grows. */
export interface FeedRecord {
  readonly cursor: number
  readonly output: string
  /** The span that published it, as a W3C traceparent, if it follows from traced requests and the log keeps that. */
  readonly trace?: string
}

/**
 * The event log for writers. `append` resolves when the frames are durable, in the given order, after everything
 * appended to that partition before; its value is the offset of the first (without frames: the next offset).
 * It rejects with a RondoError. With RONDO_DATA_FULL (the disk is full, retriable) none of them will ever be read. After any other it
 * is not known which of them are in the log, so they may be sent again under the same ids: the fold drops the copies.
 */
export interface LogWriter {
  readonly partitions: number
  append(partition: number, frames: readonly string[], options?: { readonly traces?: FrameTraces }): Promise<number>
  close(): Promise<void>
}

/** The event log for processors: partitions are handed to `ownership` until `close`. */
export interface LogReader {
  own(ownership: Ownership): Promise<void>
  close(): Promise<void>
}

/** The public feed for readers: committed outputs only, oldest first, after a cursor (0: from the beginning). */
export interface Feed {
  /** Empty after a cursor above the end. */
  read(after: number, limit: number): Promise<readonly FeedRecord[]>
  /** The newest ones, the oldest of them first. */
  newest(limit: number): Promise<readonly FeedRecord[]>
}
