import type { Actor, Instant, Output, TransitionKind } from '#contracts'

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
  /** Opaque, and of this actor's history alone; grows. */
  readonly cursor: number
  readonly output: Output
  readonly retracted: boolean
}

/** One who is in a stage, and since when. */
export interface StageMember {
  readonly actor: Actor
  readonly since: Instant
}

/** A part of a stage's listing. `next` is where the rest begins; undefined at the end. */
export interface StagePage {
  readonly members: readonly StageMember[]
  readonly next: string | undefined
}

/** How often actors went one way within one hour. Never 0. */
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
 * What dashboards and APIs ask, folded from the feed. A question to a model that is being rebuilt is refused with RONDO_MODELS_UNAVAILABLE.
 *
 * An implementer guarantees:
 * - Outputs take effect in feed order, each exactly once, whole steps at a time.
 * - A transition moves its actor to `to`; a retraction of a transition puts it back to where its last remaining one led, with that
 *   one's `at` as `since`, or takes it out of all stages if none remains. Notices and their retractions move nobody.
 * - Every count equals the number of actors whose stage it is, at every moment, and the length of that stage's full listing.
 * - A transition counts in the hour of its `at`, when it became true, not in that of its noticing; one that is taken back no longer
 *   counts there. So the sum of all flows is the number of effective transitions, and past hours change when history is corrected.
 */
export interface ReadModels {
  /** As in {@link StageCounts}, of the newest complete data. */
  asOf(): Promise<Instant>
  stageCounts(): Promise<StageCounts>
  /** Undefined where the actor has not entered any stage, or every transition of it was taken back. */
  actor(actor: Actor): Promise<ActorStage | undefined>
  /** An actor's outputs, newest first, at most `limit`, from before a cursor on (default: from the newest). */
  history(actor: Actor, range: { before?: number; limit: number }): Promise<readonly Receipt[]>
  /**
   * Who is in a stage, by time of entry, then by type and id as UTF-8 bytes. Between two pages actors come and go; who stays in the
   * stage and has not been passed is not left out, and nobody stands twice.
   * @param page `after`: the `next` of the page before; `limit`: at least 1
   * @throws RondoError RONDO_ARGUMENT_INVALID where `after` is no such cursor
   */
  actorsIn(stage: string, page: { after?: string; limit: number }): Promise<StagePage>
  /** The flows of the hours that begin at or after `from` and before `until`. */
  transitionsPerHour(range: { from: Instant; until: Instant }): Promise<HourlyFlows>
}
