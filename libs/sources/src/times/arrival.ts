import { formatInstant, INSTANT_MIN, type Instant } from '#contracts'
import { invalidEvent, Refusal } from '../rows/refusal.ts'
import { zeroTimeDefect } from './no-time.ts'

/** The limit by which a sender's clock may be ahead of Rondo's. Events above it are refused. */
export const CLOCK_AHEAD_MS_MAX = 300_000

/** The times of an event. Its time is at most its arrival. */
export interface Timing {
  readonly time: Instant
  readonly arrival: Instant
  readonly claimedTime: Instant | undefined
}

/** A time is at most its arrival: up to five minutes ahead it is set to the arrival, and the claimed time kept; further ahead it is refused (rule 1). */
export function limitToArrival(time: Instant, arrival: Instant, claimed: Instant): Timing | Refusal {
  const zero = zeroTimeDefect(claimed) ?? zeroTimeDefect(arrival)
  if (zero !== undefined) return invalidEvent(zero)
  if (time <= arrival) {
    return time < INSTANT_MIN ? invalidEvent('expected a time after the beginning of year 1') : { time, arrival, claimedTime: undefined }
  }
  if (time - arrival <= CLOCK_AHEAD_MS_MAX) return { time: arrival, arrival, claimedTime: claimed }
  const expected = `expected a time at most ${CLOCK_AHEAD_MS_MAX / 60_000} min after the arrival at ${formatInstant(arrival)}`
  return new Refusal('RONDO_EVENT_FROM_FUTURE', `${expected}, found ${instantText(time)}`)
}

/** The timing of a time at this path: a refusal names the path. */
export function timingAt(path: string, timing: Timing | Refusal): Timing | Refusal {
  return timing instanceof Refusal ? new Refusal(timing.code, `${path}: ${timing.reason}`, path) : timing
}

/** The times of a row whose arrival is its own time. */
export function ownTiming(time: Instant): Timing | Refusal {
  const zero = zeroTimeDefect(time)
  return zero === undefined ? { time, arrival: time, claimedTime: undefined } : invalidEvent(zero)
}

// The corrected time can be outside the years that a Date can write.
const instantText = (at: Instant): string => (Math.abs(at) <= 8.64e15 ? formatInstant(at) : `${at} ms`)
