import type { Instant, Output } from '#contracts'

/** How many outputs a batch holds at most, so that a store which works on a batch in one go is never held up for long. */
export const BATCH_OUTPUTS_MAX = 500

/** A part of one partition's feed. */
export interface FeedBatch {
  /** The cursor of its last record: where the next batch begins. The batch's base where it has no outputs. */
  readonly position: number
  readonly outputs: readonly Output[]
  /**
   * The log time up to which every transition of the partition stands at or before `position`. Undefined where that is not known,
   * as in the middle of a backlog: what was known before stays.
   */
  readonly logTime: Instant | undefined
}

/**
 * What became of a batch. Where it was not applied nothing was changed, and `position` is the stored one: go on from there.
 * `dropped`: this generation of the read models has been given up for another one and takes no more.
 */
export type BatchOutcome = 'applied' | 'dropped' | { readonly position: number }

/**
 * Read models that are fed from the feed, each partition by a projector of its own.
 *
 * An implementer guarantees:
 * - A batch is applied whole or not at all, in one with its position, and only on the position that it was built on (`base`; 0 before
 *   the first). So one that is sent again, that comes from a projector which has been replaced, or that leaves a gap changes nothing,
 *   and it does not matter whether an answer was lost or the store lost its newest batches (it fell back on a replica, it was emptied).
 * - Outputs of an actor that it has already applied (by `seq`) are passed over. One that comes after a gap, or takes back what is not in
 *   effect, is refused with its whole batch.
 * - The log time of a partition never falls.
 */
export interface ProjectionTarget {
  /** The position of the last batch applied; 0 where none was. */
  position(partition: number): Promise<number>
  /**
   * @throws RondoError RONDO_MODELS_UNAVAILABLE (retriable): it is not known whether the batch was applied, so send it again or ask for
   * the position; RONDO_MODELS_MISMATCH: the feed does not go on where these read models ended
   */
  apply(partition: number, base: number, batch: FeedBatch): Promise<BatchOutcome>
}
