import type { Instant } from '#contracts'
import type { Timing } from './arrival.ts'

/** What holds for all rows of an input. */
export interface RowSetting {
  /** The input's name, for messages. */
  readonly name: string
  /** Rows that happened before are left out; minus infinity for none. */
  readonly from: Instant
  /** Rows that happened then or later are left out; infinity for none. */
  readonly to: Instant
  /** Rows that arrive later are refused, never left out by their time, for any end of the span. */
  readonly latest: Instant
  /** The arrival of a row is when it was recorded; else it is its time. */
  readonly asRecorded: boolean
  /** The actor type of rows that do not say theirs. */
  readonly actorType: string
}

/** Why a sound row takes no part. */
export type LeftOut = 'from' | 'to' | 'where'

/** Why a row of this place in time takes no part; undefined where it does, or is to be refused. */
export function outOfSpan({ time, arrival }: Pick<Timing, 'time' | 'arrival'>, { from, to, latest }: RowSetting): LeftOut | undefined {
  if (time < from) return 'from'
  if (arrival > latest) return undefined
  return time >= to ? 'to' : undefined
}
