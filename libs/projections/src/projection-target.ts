import type { Instant, Output } from '#contracts'

/** The limit of outputs in a batch, so that a store which applies a batch as a whole is never blocked for long. */
export const BATCH_OUTPUTS_MAX = 500

/** A part of one partition's feed. */
export interface FeedBatch {
  /** The cursor of its last record, at which the next batch begins. Without outputs it is the batch's base. */
  readonly position: number
  readonly outputs: readonly Output[]
  /**
   * A log time: every transition of the partition up to it is at or before `position`. Undefined if it is not known, as in the middle of a
   * backlog: then the earlier log time stays.
   */
  readonly logTime: Instant | undefined
}

/**
 * The result of a batch. If it was not applied nothing was changed, and `position` is the stored one: continue from there.
 * `dropped`: this generation of the read models was replaced by another one and accepts no more batches.
 */
export type BatchOutcome = 'applied' | 'dropped' | { readonly position: number }

/**
 * Read models that are fed from the feed, each partition by a projector of its own.
 *
 * An implementer guarantees:
 * - A batch is applied completely or not at all, together with its position, and only on its base (`base`; 0 before
 *   the first). So a batch that is repeated, that comes from a projector which has been replaced, or that leaves a gap changes nothing,
 *   and it does not matter whether an answer was lost or the store lost its newest batches (after a failover, or because it was emptied).
 * - Outputs of an actor that were applied already (by `seq`) are skipped. An output after a gap, or one that retracts what is not in
 *   effect, is refused with its whole batch.
 * - The log time of a partition never falls.
 */
export interface ProjectionTarget {
  /** The position of the last applied batch; 0 if there was none. */
  position(partition: number): Promise<number>
  /**
   * @throws RondoError RONDO_MODELS_UNAVAILABLE (retriable): it is not known whether the batch was applied, so send it again or ask for
   * the position; RONDO_MODELS_MISMATCH: the feed does not continue from these read models
   */
  apply(partition: number, base: number, batch: FeedBatch): Promise<BatchOutcome>
}
