import { INSTANT_MAX, INSTANT_MIN, type Instant, midnightOf, parseInstant, parseIsoTime } from '#contracts'
import { type LocalClock, localClock, utcClock } from './local-clock.ts'
import { PATTERN_EXPECTED, patternReader } from './time-pattern.ts'

/** The forms in which a time may be written in a file. */
export const timeFormats = ['iso', 'date', 'compact', 'seconds', 'millis', 'micros', 'nanos'] as const
/** A form of times that has a name. */
type TimeFormat = (typeof timeFormats)[number]

/** The form of the times of an input, where the times themselves do not show it. */
export interface TimeSetting {
  /** One of {@link timeFormats}, or a pattern such as `DD/MM/YYYY HH:mm`; without it Rondo recognizes the form. */
  readonly timeFormat?: string | undefined
  /** The IANA time zone of times without an offset; UTC if it is not given. */
  readonly timezone?: string | undefined
}

/** Reads a time; undefined if the text is none. */
export type TimeReader = (text: string) => Instant | undefined

/** The number written in `count` digits at `at`; NaN if one of the characters is not a digit. */
function digits(text: string, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function dateOf(text: string): number | undefined {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  return midnightOf(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2))
}

function readDate(text: string, clock: LocalClock): Instant | undefined {
  const midnight = text.length === 10 ? dateOf(text) : undefined
  return midnight === undefined ? undefined : clock.startOf(midnight)
}

/** YYYYMMDD or YYYYMMDDHHMMSS. */
function readCompact(text: string, clock: LocalClock): Instant | undefined {
  const midnight = midnightOf(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2))
  if (midnight === undefined) return undefined
  if (text.length === 8) return clock.startOf(midnight)
  const [hour, minute, second] = [digits(text, 8, 2), digits(text, 10, 2), digits(text, 12, 2)]
  const isClock = text.length === 14 && hour <= 23 && minute <= 59 && second <= 59
  return isClock ? clock.at(midnight + ((hour * 60 + minute) * 60 + second) * 1000) : undefined
}

/** HH:MM:SS from the eleventh character on, after a T or a blank; NaN if the text has another form. */
function clockMs(text: string): number {
  const separator = text.charCodeAt(10)
  // The codes are those of T, a blank and colons.
  if ((separator !== 84 && separator !== 32) || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return Number.NaN
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)]
  return hour <= 23 && minute <= 59 && second <= 59 ? hour * 3_600_000 + minute * 60_000 + second * 1000 : Number.NaN
}

/** Reads the three forms that nearly all data has, at a fifth of the cost of the general function; undefined for other forms. */
function readFixed(text: string, clock: LocalClock): Instant | undefined {
  const { length } = text
  if (length !== 19 && ((length !== 20 && length !== 24) || text.charCodeAt(length - 1) !== 90)) return undefined
  const day = dateOf(text)
  const sinceMidnight = clockMs(text)
  const fraction = length === 24 ? (text.charCodeAt(19) === 46 ? digits(text, 20, 3) : Number.NaN) : 0
  if (day === undefined || Number.isNaN(sinceMidnight + fraction)) return undefined
  const written = day + sinceMidnight + fraction
  return length === 19 ? clock.at(written) : written
}

/**
 * An ISO 8601 time with a zone, as a record of the log has it.
 * @returns the same as parseInstant of the contracts, in less time.
 */
export function readInstant(text: string): Instant | undefined {
  const zoned = text.length !== 19 && text.charCodeAt(10) === 84
  return (zoned ? readFixed(text, utcClock) : undefined) ?? parseInstant(text)
}

/** Reads ISO 8601 as people and databases write it: a blank instead of the T, no offset, or ` UTC` instead of Z. */
function readIso(text: string, clock: LocalClock): Instant | undefined {
  const fixed = readFixed(text, clock)
  if (fixed !== undefined) return fixed
  const place = text.charAt(4) === '-' ? 10 : 8
  const joined = text.charAt(place) === ' ' ? `${text.slice(0, place)}T${text.slice(place + 1)}` : text
  const written = parseIsoTime(joined.replace(/ ?(?:UTC|GMT)$/i, 'Z'))
  if (written === undefined) return undefined
  return written.offsetMs === undefined ? clock.at(written.localMs) : written.localMs - written.offsetMs
}

const UNIX = /^(-?)(\d{1,19})(?:\.(\d{1,9}))?$/

/** Reads Unix time in a unit of 10^`places` milliseconds. Parts of a millisecond are cut off, towards the past. */
function readUnix(text: string, places: number): Instant | undefined {
  const [, sign, whole = '', fraction = ''] = UNIX.exec(text) ?? []
  if (sign === undefined) return undefined
  // Computed with the digits: as a double, 1.001 × 1000 is 1000.9999999999999, and 19 digits are more than a double can hold.
  const all = (whole + fraction).padEnd(whole.length + places, '0')
  const cut = Math.max(0, whole.length + places)
  const ms = Number(all.slice(0, cut))
  return sign === '' ? ms : -ms - (/[1-9]/.test(all.slice(cut)) ? 1 : 0) + 0
}

/** The form of a text of digits, by their number: a day, a day and a clock, or Unix time in some unit. Other numbers of digits are ambiguous. */
const byDigits: ReadonlyMap<number, TimeFormat> = new Map([
  [8, 'compact'],
  [14, 'compact'],
  [10, 'seconds'],
  [13, 'millis'],
  [16, 'micros'],
  [19, 'nanos'],
])

function readDigits(text: string, clock: LocalClock): Instant | undefined {
  const [, whole = ''] = /^-?(\d+)(?:\.\d+)?$/.exec(text) ?? []
  const format = byDigits.get(whole.length)
  return format === undefined ? undefined : readers[format](text, clock)
}

/** Reads a time whose form is recognized. */
function readAny(text: string, clock: LocalClock): Instant | undefined {
  if (text.charCodeAt(4) === 45) return text.length === 10 ? readDate(text, clock) : readIso(text, clock)
  return readDigits(text, clock) ?? readIso(text, clock)
}

const readers: Record<TimeFormat, (text: string, clock: LocalClock) => Instant | undefined> = {
  iso: (text, clock) => (text.length === 10 ? readDate(text, clock) : readIso(text, clock)),
  date: readDate,
  compact: readCompact,
  seconds: (text) => readUnix(text, 3),
  millis: (text) => readUnix(text, 0),
  micros: (text) => readUnix(text, -3),
  nanos: (text) => readUnix(text, -6),
}

const isTimeFormat = (format: string): format is TimeFormat => (timeFormats as readonly string[]).includes(format)

/**
 * Creates the reader of the times of an input. It returns undefined for a text that is not a time: a day that does not exist, another form,
 * a year outside 1 to 9999, a local time that no clock showed, or zero in digits. Of a local time that clocks showed twice it returns the first.
 * @returns undefined if the format is neither a known format nor a pattern
 * @throws RangeError if there is no such time zone
 */
export function readerOfTimes({ timeFormat, timezone }: TimeSetting): TimeReader | undefined {
  const clock = timezone === undefined ? utcClock : localClock(timezone)
  const read = timeFormat === undefined ? readAny : isTimeFormat(timeFormat) ? readers[timeFormat] : patternReader(timeFormat)
  if (read === undefined) return undefined
  return (text) => {
    const at = read(text, clock)
    if (at === undefined || at < INSTANT_MIN || at > INSTANT_MAX) return undefined
    return at === 0 && ALL_ZERO.test(text) ? undefined : at
  }
}

/** Systems write Unix time 0 in digits for a time that was never set. The text 1970-01-01 is accepted as a time. */
export const ALL_ZERO = /^-?0+(?:\.0+)?$/

/** The defect of a time setting; undefined if it is valid. */
export function defectOfTimes({ timeFormat, timezone }: TimeSetting): { readonly key: 'timeFormat' | 'timezone'; readonly reason: string } | undefined {
  const reason = (expected: string, found: unknown): string => `expected ${expected}, found ${JSON.stringify(found)}`
  try {
    if (readerOfTimes({ timeFormat, timezone }) !== undefined) return undefined
    return { key: 'timeFormat', reason: reason(`one of ${timeFormats.join(', ')}, or ${PATTERN_EXPECTED}`, timeFormat) }
  } catch {
    return { key: 'timezone', reason: reason('a time zone, such as Europe/Berlin', timezone) }
  }
}

/** As {@link timeReader}, for a setting that was checked before. */
export function timeReader(setting: TimeSetting = {}): TimeReader {
  return readerOfTimes(setting) ?? (() => undefined)
}

/** Reads the time of a JSON value: a text, or a number, whose digits are read. */
export const valueReader =
  (read: TimeReader) =>
  (value: unknown): Instant | undefined =>
    typeof value === 'string' || typeof value === 'number' ? read(String(value)) : undefined

/** The reader without a format: the form is recognized, and times without an offset are in UTC. */
export const readTimeValue = valueReader(timeReader())
