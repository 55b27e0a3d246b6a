import type { Instant, OutputKind } from '#contracts'

/** What made a rule match, where the rule itself names no cause: a signal's number, or one of these. */
export const CAUSE_ABSENCE = 253
export const CAUSE_AFTER = 254
export const CAUSE_RUN_OUT = 255

/** An output that follows from the rules, before it has evidence and a place in the actor’s sequence. Stages and rules are numbers of the compiled cycle. */
export interface PendingOutput {
  readonly kind: OutputKind
  readonly from: number
  readonly to: number
  readonly rule: number
  readonly cause: number
  readonly at: Instant
}
