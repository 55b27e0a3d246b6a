import type { Instant } from '#contracts'
import type { ByteReader, ByteWriter } from '../packed/bytes.ts'

/** What one event adds to a measure: nothing to know for counts; the amount, key or JSON text for those that look into the event. */
export type Contribution = number | string | undefined

/** What one measure remembers of one actor. Events are added in the order of their keys. */
export interface Accumulator {
  /** Forgets everything (a new actor, or the beginning of a `since` scope). */
  reset(): void
  /** An event of the measure's signals. `signals`: the bits of those that it matches. */
  add(at: Instant, signals: number, contribution: Contribution): void
  /** What `when` and evidence see at an instant; undefined where the measure has no value. */
  value(at: Instant): unknown
  /** The first bucket boundary after `after` at which the value changes because a bucket leaves the window; plus infinity if none. */
  runOut?(after: Instant): Instant
  read(from: ByteReader): void
  write(to: ByteWriter): void
}
