/** A written time: the date and clock as if they were in UTC, and the offset of that clock from UTC. */
export interface WrittenTime {
  readonly localMs: number
  /** Undefined if the text does not contain it. */
  readonly offsetMs: number | undefined
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Days in 400 years of the Gregorian calendar, after which it repeats. */
const CYCLE_DAYS = 146_097
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Midnight UTC of a day that exists, in the years 1 to 9999, in milliseconds. Date.UTC alone reads the years 0 to 99 as 1900 to 1999. */
export function midnightOf(year: number, month: number, day: number): number | undefined {
  const last = month === 2 && isLeap(year) ? 29 : MONTH_DAYS[month - 1]
  if (last === undefined || !(year >= 1 && year <= 9999) || !(day >= 1 && day <= last)) return undefined
  return Date.UTC(2000 + (year % 400), month - 1, day) + (Math.floor(year / 400) - 5) * CYCLE_DAYS * DAY_MS
}

/** Milliseconds since midnight; undefined if there is no such time of day. 24:00 is the midnight at the end of the day, as in ISO 8601. */
function clockOf({ hours, minutes, seconds, fraction = '' }: TimeParts): number | undefined {
  const [hour, minute, second] = [numberOf(hours), numberOf(minutes), numberOf(seconds)]
  const sinceMidnight = ((hour * 60 + minute) * 60 + second) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3))
  return hour <= 24 && minute <= 59 && second <= 59 && sinceMidnight <= DAY_MS ? sinceMidnight : undefined
}

const numberOf = (text: string | undefined): number => Number(text ?? '0')

/** The offset of `Z`, `+hh`, `+hhmm` or `+hh:mm` from UTC in milliseconds; undefined if there is no such offset. */
function offsetOf(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(text.charAt(3) === ':' ? 4 : 3))]
  if (!(hours <= 23 && minutes <= 59)) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS
}

/** The parts of a written time as digits; missing parts of the clock are 0. `zone` is `Z` or an offset. */
export type TimeParts = Readonly<Partial<Record<'year' | 'month' | 'day' | 'hours' | 'minutes' | 'seconds' | 'fraction' | 'zone', string>>>

/** @returns undefined if there is no such day, hour or offset */
export function writtenTime(parts: TimeParts): WrittenTime | undefined {
  const midnight = midnightOf(numberOf(parts.year), numberOf(parts.month), numberOf(parts.day))
  const clock = clockOf(parts)
  if (midnight === undefined || clock === undefined) return undefined
  const offsetMs = parts.zone === undefined ? undefined : offsetOf(parts.zone)
  return parts.zone !== undefined && offsetMs === undefined ? undefined : { localMs: midnight + clock, offsetMs }
}

const isoTime = (dash: string, colon: string): RegExp =>
  new RegExp(
    `^(?<year>\\d{4})${dash}(?<month>\\d{2})${dash}(?<day>\\d{2})[Tt]` +
      `(?<hours>\\d{2})${colon}(?<minutes>\\d{2})(?:${colon}(?<seconds>\\d{2})(?:[.,](?<fraction>\\d{1,9}))?)?` +
      '(?: ?(?<zone>[Zz]|[+-]\\d{2}(?::?\\d{2})?))?$',
  )
const EXTENDED = isoTime('-', ':')
const BASIC = isoTime('', '')

/**
 * Reads an ISO 8601 text of a date and a clock, in the extended or the basic form, in upper or lower case. The offset may have minutes, a
 * colon, and a blank before it. The time is cut to whole milliseconds.
 * @returns undefined if the text has another form, or names a day or an hour that does not exist.
 */
export function parseIsoTime(text: string): WrittenTime | undefined {
  const parts = (EXTENDED.exec(text) ?? BASIC.exec(text))?.groups
  return parts === undefined ? undefined : writtenTime(parts)
}
