import { type Instant, isZeroTime } from '#contracts'
import { type Refusal } from '../rows/refusal.ts'
import { limitToArrival, type Timing } from './arrival.ts'
import { readTimeValue } from './times.ts'

/** When a sender sent a request, by its own clock. What is no time counts as missing: it corrects, it is not what happened. */
export function readSentAt(value: unknown): Instant | undefined {
  const at = readTimeValue(value)
  return at === undefined || isZeroTime(at) ? undefined : at
}

/** A time that a sender claims, corrected by what its clock was off when it sent the request: arrival − sentAt, as Segment does. */
export function correctedTiming(claimed: Instant, sentAt: Instant | undefined, arrival: Instant): Timing | Refusal {
  return limitToArrival(sentAt === undefined ? claimed : claimed + arrival - sentAt, arrival, claimed)
}
