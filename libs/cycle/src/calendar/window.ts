import type { Instant } from '#contracts'
import { DAY_MS, type LocalDays } from './local-days.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** A sliding window divided into buckets (rule 19). At t it consists of the bucket of t and the `span - 1` buckets before it. */
export interface Window {
  /** The number of buckets of the window. */
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
 * The window of a length. Its buckets are minutes up to 1 h and hours up to 48 h (both in UTC), and local days above.
 * @param bucketMs the length of buckets, in UTC, if the definition gives it
 */
export function windowOf(lengthMs: number, days: LocalDays, bucketMs?: number): Window {
  if (bucketMs !== undefined) return fixedWindow(lengthMs, bucketMs)
  if (lengthMs <= HOUR_MS) return fixedWindow(lengthMs, MINUTE_MS)
  if (lengthMs <= 48 * HOUR_MS) return fixedWindow(lengthMs, HOUR_MS)
  return { span: Math.ceil(lengthMs / DAY_MS), isLocal: true, bucketOf: (at) => days.dayOf(at), startOf: (bucket) => days.startOf(bucket) }
}
