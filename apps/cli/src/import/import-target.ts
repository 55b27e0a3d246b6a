import type { Instant } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { BackfillStatus } from '#event-log'
import type { Part } from './history.ts'

/** An item that was refused where it should have gone in: its place in the part. */
interface RefusedItem {
  readonly at: number
  readonly code: string
  readonly reason: string
}

/** Where an import goes: a running Rondo, the folder of a stopped one, or the topics of one that has not been started yet. */
export interface ImportTarget {
  /** How messages name it. */
  readonly name: string
  /** Whether it waits for the rest of an import that was cut off only for a while. */
  readonly isLive: boolean
  /** Whether an interrupted import can be continued. */
  readonly canResume: boolean
  /** The actor type of rows that do not say theirs. */
  readonly actorType: string
  /** The cycle that the rows will be folded by; undefined where a server does not say. */
  readonly cycle: CompiledCycle | undefined
  /**
   * Begins an import, or continues an unfinished one of the same source.
   * @throws RondoError RONDO_IMPORT_TOO_OLD, RONDO_BACKFILL_BUSY
   */
  begin(request: { source: string; firstTime: Instant; shiftMs: number }): Promise<BackfillStatus>
  /** The part is durable when this resolves; it may be put again. */
  put(id: string, part: Part): Promise<readonly RefusedItem[]>
  end(id: string): Promise<void>
  /** The log time that the fold has come to, null before it has begun; undefined where nothing is folded now, or nobody says. */
  foldedAt(): Promise<Instant | null | undefined>
  close(): Promise<void>
}
