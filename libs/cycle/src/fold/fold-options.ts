import type { LateReason, Output } from '#contracts'
import type { Disposition, FoldEvent } from '../events/fold-event.ts'
import type { PartitionState, StateOptions } from './partition-state.ts'

/** Where the fold's outputs go, in the order in which they come about. */
export interface FoldSink {
  /** Where it is missing, outputs get their numbers and are not built: a log whose outputs have been published is folded again. */
  output?(output: Output): void
  late?(event: FoldEvent, reason: LateReason): void
  /** What became of an event, before any time passes. */
  decided?(event: FoldEvent, disposition: Disposition): void
  /** The bound on all journals pushed the actor's oldest journal entry out; a restore has to do the same at the same record. */
  pushedOut?(actorId: string): void
}

/** A log is folded again over states of different ages. Both functions are about the record that is being applied. */
export interface RestoreMode {
  /** Whether the actor's state contains the record already: the event is passed over, and time goes on as if it were applied. */
  hasTaken(actorId: string): boolean
  /** The actors that the bound pushed out the first time: how full all journals were is not known now. */
  pushOuts(): readonly string[]
}

export interface FoldOptions extends StateOptions {
  /** Which run of the definition over the log this is, from 1; part of every output's id. */
  readonly generation?: number
  /** A replay has no writers: an implied tick at its arrival follows each event, a tick record moves log time, and all outputs are of origin `backfill`. */
  readonly replay?: boolean
  /** Go on from this state; without it the fold begins with no actors. `seed` and `chunkBytes` are those of the state then. */
  readonly state?: PartitionState
  readonly restore?: RestoreMode | undefined
}

/** `more`: the budget is used up and deadlines are left over, which fire next. */
export type FoldProgress = 'done' | 'more'
