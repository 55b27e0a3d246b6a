import type { Instant } from '#contracts'
import { DAY_MS, type LocalDays } from './local-days.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** A sliding window cut into buckets (rule 19): what counts at t is t's bucket and the `span - 1` before it. */
export interface Window {
  /** How many buckets the window holds. */
  readonly span: number
  /** Whether its buckets are local days. */
  readonly isLocal: boolean
  /** The bucket of an instant. */
  bucketOf(at: Instant): number
  /** The first instant of a bucket. */
  startOf(bucket: number): Instant
}

function fixedWindow(lengthMs: number, bucketMs: number): Window {
  return {
    span: Math.ceil(lengthMs / bucketMs),
    isLocal: false,
    bucketOf: (at) => Math.floor(at / bucketMs),
    startOf: (bucket) => bucket * bucketMs,
  }
}

/**
 * The window of a length: buckets of a minute up to 1 h, of an hour up to 48 h (both cut in UTC), of local days above.
 * @param bucketMs where the definition says how long they are instead; cut in UTC
 */
export function windowOf(lengthMs: number, days: LocalDays, bucketMs?: number): Window {
  if (bucketMs !== undefined) return fixedWindow(lengthMs, bucketMs)
  if (lengthMs <= HOUR_MS) return fixedWindow(lengthMs, MINUTE_MS)
  if (lengthMs <= 48 * HOUR_MS) return fixedWindow(lengthMs, HOUR_MS)
  return { span: Math.ceil(lengthMs / DAY_MS), isLocal: true, bucketOf: (at) => days.dayOf(at), startOf: (bucket) => days.startOf(bucket) }
}
