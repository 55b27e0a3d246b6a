import type { Instant, OutputKind } from '#contracts'

/** The cause of an output whose rule names no cause: the number of a signal, or one of these numbers, which no signal has. */
export const CAUSE_ABSENCE = 253
export const CAUSE_AFTER = 254
export const CAUSE_RUN_OUT = 255

/** An output that follows from the rules, before it has evidence and a seq. Stages and rules are numbers of the compiled cycle. */
export interface PendingOutput {
  readonly kind: OutputKind
  readonly from: number
  readonly to: number
  readonly rule: number
  readonly cause: number
  readonly at: Instant
}
