import type { Instant } from '#contracts'
import type { EventView } from '../compile/event-path.ts'

/** An event as the fold takes it: times in milliseconds. */
export interface FoldEvent extends EventView {
  readonly id: string
  readonly actorType: string
  readonly actorId: string
  readonly time: Instant
  /** When it was accepted; not before `time`. */
  readonly arrival: Instant
  /** The ids of other actors in whose partitions it stands too; undefined if it stands only in that of its own actor. */
  readonly addressed?: readonly string[] | undefined
  /** The ids of the actors for which it stands here; undefined for all that belong here. */
  readonly countsFor?: readonly string[] | undefined
}

/** An event as it counts for an actor that it is addressed to: with this actor, and an id of its own. `sent` is the event itself. */
export interface AddressedEvent extends FoldEvent {
  readonly sent: FoldEvent
}

/**
 * The result of an event. `applied` and `out-of-order` events are in the actor's history; the others have no effect on it. In a definition that addresses
 * actors, an event has one result for each of them.
 */
export type Disposition = 'applied' | 'out-of-order' | 'duplicate' | 'late-grace' | 'late-bound' | 'unmatched' | 'other-actor' | 'not-addressed'

/** All dispositions, in the order in which reports list them. */
export const dispositions = [
  'applied',
  'out-of-order',
  'duplicate',
  'late-grace',
  'late-bound',
  'unmatched',
  'other-actor',
  'not-addressed',
] as const satisfies Disposition[]
