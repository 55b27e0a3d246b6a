import type { Instant } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { BackfillStatus } from '#event-log'
import type { Part } from './history.ts'

/** An item that was refused by the target, with its index in the part. */
interface RefusedItem {
  readonly at: number
  readonly code: string
  readonly reason: string
}

/** The destination of an import: a running Rondo, the folder of a stopped one, or the topics of one that has not been started yet. */
export interface ImportTarget {
  /** How messages name it. */
  readonly name: string
  /** Whether the target ends an interrupted import when it has received no rows for a while. */
  readonly endsWhenIdle: boolean
  /** Whether an interrupted import can be continued. */
  readonly canResume: boolean
  /** The actor type of rows without one. */
  readonly actorType: string
  /** The cycles that will fold the rows; none if a server does not report them. */
  readonly cycles: readonly CompiledCycle[]
  /**
   * Begins an import, or continues an unfinished one of the same source.
   * @throws RondoError RONDO_IMPORT_TOO_OLD, RONDO_LOG_NOT_EMPTY, RONDO_BACKFILL_BUSY
   */
  begin(request: { source: string; firstTime: Instant; shiftMs: number }): Promise<BackfillStatus>
  /** Resolves when the part is durable; a part may be sent again. */
  put(id: string, part: Part): Promise<readonly RefusedItem[]>
  end(id: string): Promise<void>
  /** The log time of the fold, null before it has begun; undefined if nothing is folded now, or it is not known. */
  foldedAt(): Promise<Instant | null | undefined>
  close(): Promise<void>
}
