import type { AdminRecord, Instant, QuarantineRecord } from '#contracts'
import type { FrameTraces, LogRecord, LogWriter } from './event-log.ts'

/** A durable value with a name, such as the state of an import. Written in the transaction of the frames that it describes. */
interface Note {
  readonly key: string
  readonly value: string
}

/** What becomes durable together with frames. */
export interface AppendOptions {
  readonly traces?: FrameTraces
  readonly note?: Note
  /** Events that ingest refused: kept beside the log, since they are no part of it. */
  readonly quarantine?: readonly QuarantineRecord[]
  /** Frames that will get their place in the log later: see {@link FolderLog.held}. */
  readonly held?: readonly HeldFrame[]
  /** Administrative acts: beside the log, since no outcome depends on them. */
  readonly acts?: readonly AdminRecord[]
  /** Refused events that are too old at this time are removed. */
  readonly trimQuarantineAt?: Instant
  /** Frames that are in an archive are removed. */
  readonly trim?: LogTrim
  /** Held frames up to this number are removed: the frames of this append replace them. */
  readonly released?: number
}

/** The frames that are removed from the beginning of a log, and the folder of the archive that has them. */
interface LogTrim {
  /** The newest frame of a partition is never removed: the next offset follows from it. */
  readonly below: number
  readonly archive: string
}

/** A frame that was accepted during an import: it is durable, and gets its place in the log after the import. `arrival` is that of its newest event. */
export interface HeldFrame {
  readonly frame: string
  readonly arrival: Instant
}

/** The oldest held frames. `last` is the number of the newest of them; `isAll` if there are no others. */
export interface HeldFramesPart {
  readonly frames: readonly HeldFrame[]
  readonly lastNumber: number
  readonly isAll: boolean
}

/** How many bytes of refused events are kept, and for how long. */
export interface QuarantineLimits {
  readonly bytesMax: number
  readonly ageMsMax: number
}

/** How much quarantine keeps, and what it has dropped. */
export interface QuarantineUsage extends QuarantineLimits {
  readonly records: number
  readonly bytes: number
  readonly dropped: { readonly records: number; readonly lastAt: string | null }
}

/** A row of a list in log.db, as JSON. The cursors of a list grow. */
interface StoredRecord {
  readonly cursor: number
  readonly record: string
}

/** The log of one data folder, with what is kept beside its frames. */
export interface FolderLog extends LogWriter {
  /** Its file, for messages. */
  readonly path: string

  append(partition: number, frames: readonly string[], options?: AppendOptions): Promise<number>
  /** The value last written under a key; undefined if there is none. */
  note(key: string): string | undefined
  /** Refused events as JSON, oldest first, at most `limit` after a cursor. */
  quarantine(after: number, limit: number): readonly StoredRecord[]
  /** How much of them is kept, and what the limits have removed. */
  readonly quarantineUsage: QuarantineUsage
  /** How much of them may be kept; without limits until this is called. */
  limitQuarantine(limits: QuarantineLimits): void
  /** Administrative acts as JSON, after a cursor, in their order. */
  acts(after: number): readonly StoredRecord[]
  /**
   * The oldest held frames, about `bytesMax` characters of them.
   * @throws RondoError RONDO_DATA_CORRUPT
   */
  held(bytesMax: number): HeldFramesPart
  /** The newest held frames, newest first, up to `bytesMax` characters together. */
  newestHeld(bytesMax: number): { readonly frames: readonly string[]; readonly isAll: boolean }
  /** The offset that the next frame of a partition gets. */
  nextOffset(partition: number): number
  /** The newest frames of a partition, newest first, up to `bytesMax` characters together. */
  newestFrames(partition: number, bytesMax: number): readonly LogRecord[]
}

/** The administrative acts of a data folder, each durable when `append` resolves; `read` gives those that follow the last call's. */
export interface FolderActs {
  append(record: AdminRecord): Promise<void>
  read(): Promise<readonly AdminRecord[]>
  close(): Promise<void>
}
