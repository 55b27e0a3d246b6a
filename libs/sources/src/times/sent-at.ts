import { type Instant, isZeroTime } from '#contracts'
import { type Refusal } from '../rows/refusal.ts'
import { limitToArrival, type Timing } from './arrival.ts'
import { readTimeValue } from './times.ts'

/** The time when a sender sent a request, by its own clock. A value that is not a time counts as missing, because it is only used for the correction. */
export function readSentAt(value: unknown): Instant | undefined {
  const at = readTimeValue(value)
  return at === undefined || isZeroTime(at) ? undefined : at
}

/** A time that a sender claims, corrected by the error of the sender's clock: arrival − sentAt, as Segment does. */
export function correctedTiming(claimed: Instant, sentAt: Instant | undefined, arrival: Instant): Timing | Refusal {
  return limitToArrival(sentAt === undefined ? claimed : claimed + arrival - sentAt, arrival, claimed)
}
