import type { LateReason, Output } from '#contracts'
import type { FoldEvent } from '../events/fold-event.ts'

/** Where the fold's outputs go, in the order in which they come about. */
export interface FoldSink {
  output(output: Output): void
  late(event: FoldEvent, reason: LateReason): void
  /** The bound on all journals pushed the actor's oldest journal entry out; a restore has to do the same at the same place. */
  pushedOut?(actorId: string): void
}

export interface FoldOptions {
  /** Which run of the definition over the log this is, from 1; part of every output's id. */
  readonly generation?: number
  /** A replay: every event is followed by an implied tick at its arrival, and all outputs are of origin `backfill`. */
  readonly replay?: boolean
  /** Makes hash collisions unpredictable; changes no outcome. */
  readonly seed?: number
  /** What is needed no more is forgotten in portions of this many bytes, a power of 2; changes no outcome. */
  readonly chunkBytes?: number
}
