import type { Instant } from '#contracts'
import type { ByteReader, ByteWriter } from '../packed/bytes.ts'

/** The value of an event that a measure needs: undefined for kinds that only count; an amount, a key or a JSON text for others. */
export type Contribution = number | string | undefined

/** The data of one measure for one actor. Events are added in the order of their keys. */
export interface Accumulator {
  /** Clears the data: a new actor, or the beginning of a `since` scope. */
  reset(): void
  /** Adds an event of the measure's signals. @param signals the bits of the signals that match the event */
  add(at: Instant, signals: number, contribution: Contribution): void
  /** The value at an instant, for `when` and evidence; undefined if the measure has no value. */
  value(at: Instant): unknown
  /** The first bucket boundary later than `after` at which the value changes because a bucket leaves the window; plus infinity if there is none. */
  runOut?(after: Instant): Instant
  read(from: ByteReader): void
  write(to: ByteWriter): void
}
