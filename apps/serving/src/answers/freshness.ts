import { formatInstant, type Instant } from '#contracts'

/** Up to when something has been counted, and how long ago that was: every answer with numbers in it says so. */
export interface Freshness {
  /** The log time; null before anything came in. */
  readonly logTime: string | null
  readonly ageSeconds: number | null
}

export function freshnessOf(logTime: Instant, now: Instant): Freshness {
  if (!Number.isFinite(logTime)) return { logTime: null, ageSeconds: null }
  return { logTime: formatInstant(logTime), ageSeconds: Math.max(0, Math.round((now - logTime) / 1000)) }
}
