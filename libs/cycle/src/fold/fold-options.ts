import type { LateReason, Output } from '#contracts'
import type { AddressedEvent, Disposition, FoldEvent } from '../events/fold-event.ts'
import type { PartitionState, StateOptions } from './partition-state.ts'

/** Whether an actor belongs to a partition. */
export type Owns = (actorId: string) => boolean

/** Receives the outputs and decisions of the fold, in order. */
export interface FoldSink {
  /** Without it, outputs get a seq and are not built, as when a log is folded again whose outputs are published already. */
  output?(output: Output): void
  late?(event: FoldEvent | AddressedEvent, reason: LateReason): void
  /**
   * Called with the disposition of each event, before time passes, and with the bits of the signals that match it (none for another actor type). If the
   * definition addresses actors, it is called for each of them that belongs to the partition.
   */
  decided?(event: FoldEvent | AddressedEvent, disposition: Disposition, signals: number): void
  /**
   * Called once for each event, in the partition of who sent it.
   * @param isCopy whether it was dropped as a copy, for every actor of the partition that it is about
   */
  seen?(event: FoldEvent, signals: number, isCopy: boolean): void
  /** The bound on all journals pushed out the oldest journal entry of this actor. A restore does the same at the same record. */
  pushedOut?(actorId: string): void
}

/** A restore: the log is folded again over states of different offsets. Both functions are about the current record. */
export interface RestoreMode {
  /** Whether the actor's state already contains the record. Then the event is skipped, and log time moves as if it were applied. */
  hasApplied(actorId: string): boolean
  /** The actors whose entries were pushed out at this record the first time. The number of entries of all journals is not known in a restore. */
  pushOuts(): readonly string[]
}

/** How a {@link PartitionFold} folds. */
export interface FoldOptions extends StateOptions {
  /** The number of the run of the definition over the log, from 1; part of the id of each output. */
  readonly generation?: number
  /** A replay has no writers: an implied tick at its arrival follows each event, a tick record moves log time, and all outputs are of origin `backfill`. */
  readonly replay?: boolean
  /** The state to continue from; without it the fold begins without actors. `seed` and `chunkBytes` are then ignored. */
  readonly state?: PartitionState
  readonly restore?: RestoreMode | undefined
  /** Whether an actor belongs to the partition of this log; without it, the log has one partition. */
  readonly owns?: Owns | undefined
}

/** `more`: the budget is used up, and deadlines are left that are due. */
export type FoldProgress = 'done' | 'more'
