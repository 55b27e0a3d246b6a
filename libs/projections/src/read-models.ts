import type { Actor, Instant, Output } from '#contracts'

/** How many actors are in each stage. `total` is their sum, and the number of actors that are in any stage. */
export interface StageCounts {
  /** The log time up to which every transition has been counted (the least of the partitions); minus infinity before the first tick. */
  readonly asOf: Instant
  readonly total: number
  /** Stages that somebody is in, by id. */
  readonly stages: ReadonlyMap<string, number>
}

/** Where an actor is: the stage that its last effective transition led to, and when it did. */
export interface ActorStage {
  readonly stage: string
  readonly since: Instant
}

/** An output of an actor's history with its evidence, and whether it was taken back since. Retractions are outputs too. */
export interface Receipt {
  readonly cursor: number
  readonly output: Output
  readonly retracted: boolean
}

/**
 * What dashboards and APIs ask, folded from the feed.
 *
 * An implementer guarantees:
 * - Outputs take effect in feed order, each exactly once, whole steps at a time.
 * - A transition moves its actor to `to`; a retraction of a transition puts it back to where its last remaining one led, with that
 *   one's `at` as `since`, or takes it out of all stages if none remains. Notices and their retractions move nobody.
 * - Every count equals the number of actors whose stage it is, at every moment.
 */
export interface ReadModels {
  stageCounts(): Promise<StageCounts>
  /** Undefined where the actor has not entered any stage, or every transition of it was taken back. */
  actor(actor: Actor): Promise<ActorStage | undefined>
  /** An actor's outputs, newest first, at most `most`, from before a cursor on (default: from the newest). */
  history(actor: Actor, range: { before?: number; most: number }): Promise<readonly Receipt[]>
}
