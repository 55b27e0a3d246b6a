import { INSTANT_MAX, INSTANT_MIN, type Instant, parseInstant } from '#contracts'

/** The forms in which a time may be written in a file. */
export const timeFormats = ['iso', 'date', 'compact', 'seconds', 'millis'] as const
export type TimeFormat = (typeof timeFormats)[number]

const DAY_MS = 86_400_000
/** Days in 400 years of the Gregorian calendar, after which it repeats. */
const CYCLE_DAYS = 146_097
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The number written in `count` digits at `at`; NaN where one of them is no digit. */
function digits(text: string, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Midnight UTC of a day that exists, in the years 1 to 9999. Date.UTC alone takes the years 0 to 99 for 1900 to 1999. */
function midnight(year: number, month: number, day: number): Instant | undefined {
  const last = month === 2 && isLeap(year) ? 29 : MONTH_DAYS[month - 1]
  if (last === undefined || !(year >= 1) || !(day >= 1 && day <= last)) return undefined
  return Date.UTC(2000 + (year % 400), month - 1, day) + (Math.floor(year / 400) - 5) * CYCLE_DAYS * DAY_MS
}

function readDate(text: string): Instant | undefined {
  if (text.length !== 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  return midnight(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2))
}

function readCompact(text: string): Instant | undefined {
  return text.length === 8 ? midnight(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2)) : undefined
}

/** HH:MM:SS from the eleventh character on, behind a T or a blank; NaN where the text has another form. */
function clockMs(text: string): number {
  const joint = text.charCodeAt(10)
  if ((joint !== 84 && joint !== 32) || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return Number.NaN
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)]
  return hour <= 23 && minute <= 59 && second <= 59 ? hour * 3_600_000 + minute * 60_000 + second * 1000 : Number.NaN
}

/** The three layouts that nearly all data has, at a fifth of the cost of the general way; undefined where it is another. */
function readFixed(text: string): Instant | undefined {
  const { length } = text
  if (length !== 19 && ((length !== 20 && length !== 24) || text.charCodeAt(length - 1) !== 90)) return undefined
  const day = readDate(text.slice(0, 10))
  const clock = clockMs(text)
  const fraction = length === 24 ? (text.charCodeAt(19) === 46 ? digits(text, 20, 3) : Number.NaN) : 0
  if (day === undefined || Number.isNaN(clock + fraction)) return undefined
  return day + clock + fraction
}

/**
 * An ISO 8601 time with a zone, as a record of the log has it.
 * @returns what parseInstant of the contracts says, sooner.
 */
export function readInstant(text: string): Instant | undefined {
  const zoned = text.length !== 19 && text.charCodeAt(10) === 84
  return (zoned ? readFixed(text) : undefined) ?? parseInstant(text)
}

const ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/

/** ISO 8601 as people and databases write it: a blank for the T, no zone (then UTC), or ` UTC` for Z. */
function readIso(text: string): Instant | undefined {
  const fixed = readFixed(text)
  if (fixed !== undefined) return fixed
  const day = text.slice(0, 10)
  const rest = text
    .slice(11)
    .replace(/ ?UTC$/, 'Z')
    .replace(/ (?=[+-]\d{2}:?\d{2}$)/, '')
  if (text.charAt(10) !== ' ' && text.charAt(10) !== 'T') return undefined
  return parseInstant(`${day}T${rest}${ZONE.test(rest) ? '' : 'Z'}`)
}

const UNIX = /^-?\d{1,15}(?:\.\d{1,9})?$/

/** Unix time; what is smaller than a millisecond is cut off, towards the past. */
function readUnix(text: string, unitMs: number): Instant | undefined {
  if (!UNIX.test(text)) return undefined
  // The whole and the fraction apart: 1.001 × 1000 is 1000.9999999999999 in binary.
  const [whole, fraction = ''] = text.split('.')
  const cut = unitMs === 1 ? '' : fraction
  const part = Number(cut.padEnd(3, '0').slice(0, 3))
  const rest = /[1-9]/.test(unitMs === 1 ? fraction : fraction.slice(3)) ? 1 : 0
  const at = Number(whole) * unitMs + (text.startsWith('-') ? -part - rest : part)
  return at >= INSTANT_MIN && at <= INSTANT_MAX ? at + 0 : undefined
}

/** Told apart by form: 8 digits are a day, 9 or 10 are seconds, 11 and more are milliseconds. Fewer name no time safely. */
function readAny(text: string): Instant | undefined {
  const dash = text.indexOf('-')
  if (dash === 4) return text.length === 10 ? readDate(text) : readIso(text)
  if (text.length === 8 && dash === -1) return readCompact(text)
  const point = text.indexOf('.')
  const whole = (point === -1 ? text.length : point) - (dash === 0 ? 1 : 0)
  if (whole < 9) return undefined
  return readUnix(text, whole <= 10 ? 1000 : 1)
}

const readers: Record<TimeFormat, (text: string) => Instant | undefined> = {
  iso: (text) => (text.length === 10 ? readDate(text) : readIso(text)),
  date: readDate,
  compact: readCompact,
  seconds: (text) => readUnix(text, 1000),
  millis: (text) => readUnix(text, 1),
}

/**
 * The reader for one format, or for all of them told apart by form. It answers undefined for a text that names no time
 * (no such day, no such form, outside the years 1 to 9999).
 */
export function timeReader(format?: TimeFormat): (text: string) => Instant | undefined {
  return format === undefined ? readAny : readers[format]
}

/** The same for a JSON value: a text, or a number of seconds or milliseconds. */
export function readTimeValue(value: unknown): Instant | undefined {
  if (typeof value === 'string') return readAny(value)
  return typeof value === 'number' ? readAny(String(value)) : undefined
}
