import { z } from 'zod'

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const DURATION = /^(\d{1,9})(ms|s|m|h|d|w)$/
/** 100 years. A longer duration is a writing error; with this limit, sums of times also stay exact. */
const DURATION_MAX_MS = 36_525 * UNIT_MS.d

/** Milliseconds of a duration such as `30d`, `48h`, `90m`; undefined if the text is not a duration. A day is 86,400,000 ms. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text) ?? []
  if (amount === undefined || unit === undefined) return undefined
  const ms = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]
  return ms <= DURATION_MAX_MS ? ms : undefined
}

/** A duration in the form of a definition: a whole number of the largest possible unit, hours at most, such as `24h`, `90m`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  const unit = (['h', 'm', 's'] as const).find((name) => ms % UNIT_MS[name] === 0)
  return unit === undefined ? `${ms}ms` : `${ms / UNIT_MS[unit]}${unit}`
}

/** Milliseconds of a duration that a schema has already accepted. */
export function durationMs(text: string): number {
  return parseDuration(text) ?? Number.NaN
}

/** A length of time with its unit, such as 30d. */
export const durationSchema = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'expected a duration such as 30d, 48h, 90m, 10s or 500ms, at most 100 years' })
  .meta({ description: 'a whole number and a unit: ms, s, m, h, d or w', pattern: DURATION.source })
