import { z } from 'zod'
import { formatInstant, type Instant, instantSchema } from '#contracts'

/** The log time up to which something has been counted, and its age: every answer with numbers has both. */
export const freshnessSchema = z.strictObject({
  logTime: instantSchema.nullable().meta({ description: 'the log time; null before the first event' }),
  ageSeconds: z.int().nonnegative().nullable(),
})
export type Freshness = z.infer<typeof freshnessSchema>

export function freshnessOf(logTime: Instant, now: Instant): Freshness {
  if (!Number.isFinite(logTime)) return { logTime: null, ageSeconds: null }
  return { logTime: formatInstant(logTime), ageSeconds: Math.max(0, Math.round((now - logTime) / 1000)) }
}
