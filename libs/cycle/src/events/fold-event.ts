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
}

/** The result of an event. `applied` and `out-of-order` events are in the actor's history; the others have no effect on it. */
export type Disposition = 'applied' | 'out-of-order' | 'duplicate' | 'late-grace' | 'late-bound' | 'unmatched' | 'other-actor'

/** All dispositions, in the order in which reports list them. */
export const dispositions = ['applied', 'out-of-order', 'duplicate', 'late-grace', 'late-bound', 'unmatched', 'other-actor'] as const satisfies Disposition[]
