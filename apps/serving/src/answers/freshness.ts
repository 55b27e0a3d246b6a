import { formatInstant, type Instant } from '#contracts'

/** The log time up to which something has been counted, and its age: every answer with numbers has both. */
export interface Freshness {
  /** The log time; null before the first event. */
  readonly logTime: string | null
  readonly ageSeconds: number | null
}

export function freshnessOf(logTime: Instant, now: Instant): Freshness {
  if (!Number.isFinite(logTime)) return { logTime: null, ageSeconds: null }
  return { logTime: formatInstant(logTime), ageSeconds: Math.max(0, Math.round((now - logTime) / 1000)) }
}
