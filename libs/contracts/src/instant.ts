import { z } from 'zod'
import { canonicalInstant } from './canonical-instant.ts'
import { parseIsoTime } from './iso-time.ts'

/** Milliseconds since 1970-01-01T00:00:00Z. Minus infinity means "before any event". */
export type Instant = number

/** The latest instant that an ISO 8601 date with a four-digit year can name: 9999-12-31T23:59:59.999Z. */
export const INSTANT_MAX: Instant = 253_402_300_799_999
/** The earliest instant: 0001-01-01T00:00:00.000Z. */
export const INSTANT_MIN: Instant = -62_135_596_800_000

/**
 * The instant that an ISO 8601 text with an offset names, cut to whole milliseconds. The schemas and all readers of records use this
 * function, so that they accept the same texts.
 * @returns undefined if the text has another form, names a day that does not exist, or is outside the years 1 to 9999.
 */
export function parseInstant(text: string): Instant | undefined {
  const written = parseIsoTime(text)
  if (written?.offsetMs === undefined) return undefined
  const at = written.localMs - written.offsetMs
  return at < INSTANT_MIN || at > INSTANT_MAX ? undefined : at
}

/** The instant of a text that Rondo has validated before (a field of a record in the log). NaN for any other text. */
export function instantOf(text: string): Instant {
  const at = canonicalInstant(text)
  return Number.isNaN(at) ? (parseInstant(text) ?? Number.NaN) : at
}

/**
 * Whether a time is on the first day of year 1 in any offset. Go and .NET write such a time if it was never set; no event happened then.
 */
export function isZeroTime(at: Instant): boolean {
  return at < INSTANT_MIN + DAY_MS
}

const DAY_MS = 86_400_000
/** A cache of formatted days, indexed by the last bits of the day's number. To format a day takes ten times as long as to format a time of day. */
const DAYS_KEPT = 4096
const keptDays = new Float64Array(DAYS_KEPT).fill(Number.NaN)
const keptTexts = Array.from({ length: DAYS_KEPT }, () => '')

/** The code of the digit 0. */
const ZERO = 48
const codes = [...'0000-00-00T00:00:00.000Z'].map((char) => char.charCodeAt(0))

/** ISO 8601 with milliseconds and Z, the only form in which Rondo writes times. */
export function formatInstant(at: Instant): string {
  const day = Math.floor(at / DAY_MS)
  const text = dayText(day)
  // For a year with more than four digits.
  if (text.length !== 'YYYY-MM-DD'.length) return new Date(at).toISOString()
  const ms = Math.trunc(at - day * DAY_MS)
  const seconds = Math.trunc(ms / 1000)
  const minutes = Math.trunc(seconds / 60)
  for (let i = 0; i < text.length; i++) codes[i] = text.charCodeAt(i)
  putPair(11, Math.trunc(minutes / 60))
  putPair(14, minutes % 60)
  putPair(17, seconds % 60)
  codes[20] = ZERO + Math.trunc((ms % 1000) / 100)
  putPair(21, ms % 100)
  // Made in one step: V8 joins a concatenated string only when it is written, which takes five times as long.
  return String.fromCharCode(...codes)
}

function putPair(to: number, number: number): void {
  codes[to] = ZERO + Math.trunc(number / 10)
  codes[to + 1] = ZERO + (number % 10)
}

function dayText(day: number): string {
  const place = day & (DAYS_KEPT - 1)
  if (keptDays[place] !== day) {
    keptTexts[place] = new Date(day * DAY_MS).toISOString().slice(0, -'T00:00:00.000Z'.length)
    keptDays[place] = day
  }
  return keptTexts[place] as string
}

/** A time in a record: ISO 8601 with a zone. */
export const instantSchema = z
  .string()
  .refine((text) => parseInstant(text) !== undefined, { error: 'expected an ISO 8601 time with a zone, such as 2026-01-31T12:00:00.000Z' })
  .meta({ description: 'ISO 8601 time with a zone; written with milliseconds and Z', format: 'date-time' })
