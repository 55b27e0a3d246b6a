import { z } from 'zod'

/** Milliseconds since 1970-01-01T00:00:00Z. Minus infinity stands for "before anything". */
export type Instant = number

/** The latest instant that an ISO 8601 date with a four-digit year can name: 9999-12-31T23:59:59.999Z. */
export const INSTANT_MAX: Instant = 253_402_300_799_999
/** The earliest: 0001-01-01T00:00:00.000Z. */
export const INSTANT_MIN: Instant = -62_135_596_800_000

const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48

/**
 * Reads the form that Rondo itself writes, `2026-01-31T12:00:00.000Z`, about five times as fast as Date.parse.
 * @returns undefined where the text has another form; the caller falls back on {@link parseInstant}.
 */
function parseCanonical(text: string): Instant | undefined {
  if (text.length !== 24 || text.charCodeAt(23) !== 90 || text.charCodeAt(10) !== 84) return undefined
  const year = digit(text, 0) * 1000 + digit(text, 1) * 100 + digit(text, 2) * 10 + digit(text, 3)
  const month = digit(text, 5) * 10 + digit(text, 6)
  const day = digit(text, 8) * 10 + digit(text, 9)
  const clock =
    (digit(text, 11) * 10 + digit(text, 12)) * 3_600_000 +
    (digit(text, 14) * 10 + digit(text, 15)) * 60_000 +
    (digit(text, 17) * 10 + digit(text, 18)) * 1000 +
    digit(text, 20) * 100 +
    digit(text, 21) * 10 +
    digit(text, 22)
  return daysFromCivil(year, month, day) * 86_400_000 + clock
}

/** Days since 1970-01-01 of a proleptic Gregorian date. Source: Howard Hinnant, "chrono-compatible low-level date algorithms". */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/**
 * The instant that an ISO 8601 text with a zone names, cut to whole milliseconds.
 * @returns undefined where the text is not one, names a day that does not exist, or lies outside the years 1 to 9999.
 */
export function parseInstant(text: string): Instant | undefined {
  if (!ISO_INSTANT.test(text) || !isRealDay(text)) return undefined
  const at = Date.parse(text.replace(',', '.').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return Number.isNaN(at) || at < INSTANT_MIN || at > INSTANT_MAX ? undefined : at
}

// Date.parse turns 2026-02-30 into March 2 on some engines and refuses it on others.
function isRealDay(text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))]
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

/** The instant of a text that Rondo has validated before (a field of a record in the log). Does not validate again. */
export function instantOf(text: string): Instant {
  return parseCanonical(text) ?? Date.parse(text)
}

/** ISO 8601 with milliseconds and Z, the one form in which Rondo writes times. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString()
}

/** A time in a record: ISO 8601 with a zone. */
export const instantSchema = z
  .string()
  .refine((text) => parseInstant(text) !== undefined, { error: 'expected an ISO 8601 time with a zone, such as 2026-01-31T12:00:00.000Z' })
  .meta({ description: 'ISO 8601 time with a zone; written with milliseconds and Z', format: 'date-time' })
