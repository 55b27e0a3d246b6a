import type { Actor, Instant, Output, TransitionKind } from '#contracts'

/** The number of actors in each stage. `total` is their sum, and the number of actors that are in any stage. */
export interface StageCounts {
  /** The log time up to which every transition has been counted (the least of the partitions); minus infinity before the first tick. */
  readonly asOf: Instant
  readonly total: number
  /** Stages with at least one actor, by id. */
  readonly stages: ReadonlyMap<string, number>
}

/** The stage of an actor: the one to which its last effective transition led, and when. */
export interface ActorStage {
  readonly stage: string
  readonly since: Instant
}

/** An output of an actor's history with its evidence, and whether it was retracted since. Retractions are outputs too. */
export interface Receipt {
  /** Opaque, and valid for this actor's history only; it grows. */
  readonly cursor: number
  readonly output: Output
  readonly retracted: boolean
}

/** An actor in a stage, and since when. */
export interface StageMember {
  readonly actor: Actor
  readonly since: Instant
}

/** What different read models say of one stage, at one moment: the number of its actors, and how that came about. */
export interface StageAccount {
  /** Its count. */
  readonly counted: number
  /** The length of its listing. */
  readonly listed: number
  /** The sums of the flows into it and out of it since the beginning. */
  readonly entered: number
  readonly left: number
}

/** The accounts of all stages. `asOf` as in {@link StageCounts}. */
export interface StageAccounts {
  readonly asOf: Instant
  /** The greatest log time of the partitions: what became known at it or later may be missing here. Minus infinity before the first tick. */
  readonly upTo: Instant
  /** By id; also stages that only one of the models has. */
  readonly stages: ReadonlyMap<string, StageAccount>
  /** The newest of the flows, ordered as in {@link HourlyFlows}. */
  readonly flows: readonly Flow[]
}

/** A part of a stage's listing. `next` is the cursor of the rest; undefined at the end. */
export interface StagePage {
  readonly members: readonly StageMember[]
  readonly next: string | undefined
}

/** The number of transitions from one stage to another within one hour. Never 0. */
export interface Flow {
  /** The beginning of the hour, which is one of UTC. */
  readonly hour: Instant
  readonly kind: TransitionKind
  readonly from: string
  readonly to: string
  readonly transitions: number
}

/** The flows of some hours, ordered by hour, then kind, from and to. `asOf` as in {@link StageCounts}. */
export interface HourlyFlows {
  readonly asOf: Instant
  readonly flows: readonly Flow[]
}

/**
 * The questions of dashboards and APIs, answered from models of the feed. A question to a model that is being rebuilt is refused with
 * RONDO_MODELS_UNAVAILABLE.
 *
 * An implementer guarantees:
 * - Outputs take effect in feed order, each exactly once, whole steps at a time.
 * - A transition moves its actor to `to`. A retraction of a transition moves the actor back into the stage of its last remaining transition,
 *   with the `at` of that transition as `since`, or out of all stages if none remains. Notices and their retractions move no actor.
 * - Every count equals the number of actors whose stage it is, at every moment, and the length of that stage's full listing.
 * - A transition counts in the hour of its `at`, when it became true, not in that of its noticing; a retracted one no longer
 *   counts there. So the sum of all flows is the number of effective transitions, and past hours change when history is corrected.
 */
export interface ReadModels {
  /** The `asOf` of {@link StageCounts}, for the newest complete data. */
  asOf(): Promise<Instant>
  stageCounts(): Promise<StageCounts>
  /** The stage of an actor; undefined if the actor has not entered any stage, or every transition of it was retracted. */
  actor(actor: Actor): Promise<ActorStage | undefined>
  /** An actor's outputs, newest first, at most `limit`, before a cursor (default: from the newest). */
  history(actor: Actor, range: { before?: number; limit: number }): Promise<readonly Receipt[]>
  /**
   * The actors in a stage, by time of entry, then by type and id as UTF-8 bytes. Between two pages actors enter and leave; an actor that stays in the
   * stage and was not listed yet is not left out, and none is listed twice.
   * @param page `after`: the `next` of the page before; `limit`: at least 1
   * @throws RondoError RONDO_ARGUMENT_INVALID if `after` is no such cursor
   */
  actorsIn(stage: string, page: { after?: string; limit: number }): Promise<StagePage>
  /** The flows of the hours that begin at or after `from` and before `until`. */
  transitionsPerHour(range: { from: Instant; until: Instant }): Promise<HourlyFlows>
  /**
   * The accounts of all stages, with the flows of the hours that begin at or after `from`; those of one partition are of one moment. Each stage is counted as
   * often as it is listed, and was entered as often more than it was left.
   */
  accounts(range: { from: Instant }): Promise<StageAccounts>
}
