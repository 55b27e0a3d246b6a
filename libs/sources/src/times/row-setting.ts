import type { Instant } from '#contracts'
import type { Timing } from './arrival.ts'

/** The settings that apply to all rows of an input. */
export interface RowSetting {
  /** The input's name, for messages. */
  readonly name: string
  /** Rows that happened before this time are left out; minus infinity for no limit. */
  readonly from: Instant
  /** Rows that happened at this time or later are left out; infinity for no limit. */
  readonly to: Instant
  /** Rows that arrive later than this are refused. They are not left out, for any `from` and `to`. */
  readonly latest: Instant
  /** Whether the arrival of a row is its recorded time. Otherwise it is the row's time. */
  readonly asRecorded: boolean
  /** The actor type of rows without one. */
  readonly actorType: string
}

/** The reason why a valid row is left out. */
export type LeftOut = 'from' | 'to' | 'where'

/** The reason why a row with these times is left out; undefined if it is not left out (it may still be refused). */
export function outOfSpan({ time, arrival }: Pick<Timing, 'time' | 'arrival'>, { from, to, latest }: RowSetting): LeftOut | undefined {
  if (time < from) return 'from'
  if (arrival > latest) return undefined
  return time >= to ? 'to' : undefined
}
