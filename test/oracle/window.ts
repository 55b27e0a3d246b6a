import { durationMs } from '#contracts'
import { DAY, dayOf, startOfDay } from './calendar.ts'

const MINUTE = 60_000
const HOUR = 3_600_000

/** A sliding window of buckets: the bucket of the instant and the `count − 1` buckets before it. */
export type Window = { count: number; bucketOf(at: number): number; startOf(bucket: number): number }

/** Rule 19: minutes up to an hour, hours up to 48 hours, local days above; or the `buckets` of the measure. */
export function windowOf({ within, buckets }: { within: string; buckets?: string | undefined }, zone: string): Window {
  const withinMs = durationMs(within)
  if (buckets !== undefined) return utcBuckets(withinMs, durationMs(buckets))
  if (withinMs <= HOUR) return utcBuckets(withinMs, MINUTE)
  if (withinMs <= 48 * HOUR) return utcBuckets(withinMs, HOUR)
  return { count: Math.ceil(withinMs / DAY), bucketOf: (at) => dayOf(zone, at), startOf: (day) => startOfDay(zone, day) }
}

function utcBuckets(withinMs: number, size: number): Window {
  return { count: Math.ceil(withinMs / size), bucketOf: (at) => Math.floor(at / size), startOf: (bucket) => bucket * size }
}

/** Whether an event is in a window at an instant. */
export function windowHolds(window: Window, now: number, at: number): boolean {
  const age = window.bucketOf(now) - window.bucketOf(at)
  return age >= 0 && age < window.count
}
