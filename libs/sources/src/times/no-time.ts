import { type Instant, isZeroTime, midnightOf } from '#contracts'
import { invalidAt, type Refusal } from '../rows/refusal.ts'
import { ALL_ZERO, readerOfTimes, type TimeSetting } from './times.ts'

const ZERO_TIME = ', which Go and .NET write for a time that nobody set'

/**
 * Explains why a text is not a time, to be added to a message; empty if there is no special reason.
 * @param setting undefined if the input accepts only ISO 8601 and has no setting for a time format
 */
export function describeNoTime(text: string, setting?: TimeSetting): string {
  if (text.startsWith('0001-01-01')) return ZERO_TIME
  if (ALL_ZERO.test(text)) return ', zero, which systems write for a time that nobody set'
  const { timeFormat, timezone } = setting ?? {}
  if (timezone !== undefined && readerOfTimes({ timeFormat })?.(text) !== undefined) {
    return `, a local time that does not exist in ${timezone}: its clocks were set forward then`
  }
  return timeFormat === undefined ? formText(text, setting !== undefined) : ''
}

/** The reason why the form of a text is not recognized. */
function formText(text: string, canForce: boolean): string {
  const part = missingPart(text)
  if (part !== undefined) return `: ${part} does not exist`
  const digits = /^(-?)(\d+)(?:\.\d+)?$/.exec(text)
  if (digits !== null) return digitsText(digits[1] === '-', digits[2] ?? '') + (canForce ? '; for others give a time format, such as seconds' : '')
  if (!/^\d{1,2}[-./]\w{1,3}[-./]\d{2,4}/.test(text)) return ''
  return `, in which day and month cannot be distinguished${canForce ? ': give a time format, such as DD/MM/YYYY HH:mm' : ''}`
}

function digitsText(isNegative: boolean, { length }: string): string {
  const number = `${isNegative ? 'a negative number' : 'a number'} of ${length} ${length === 1 ? 'digit' : 'digits'}`
  return `, ${number}: ${isNegative ? 'Unix time before 1970 has 10, 13, 16 or 19 digits' : '8 or 14 digits are a date, 10, 13, 16 or 19 are Unix time'}`
}

const ISO = /^(\d{4})(-?)(\d{2})\2(\d{2})(?:[Tt ]?(\d{2}):?(\d{2})(?::?(\d{2}))?(?:\D.*)?)?$/

/** Digits in a number that is not the number of digits of a date. */
const BARE = /^(?!\d{8}$|\d{14}$)\d+$/

/** The first part of a date and time that does not exist: "month 99". */
function missingPart(text: string): string | undefined {
  const found = BARE.test(text) ? null : ISO.exec(text)
  if (found === null) return undefined
  const [, year, , month, day, ...clock] = found
  if (year === '0000') return 'year 0'
  if (midnightOf(2000, Number(month), 1) === undefined) return `month ${month}`
  if (midnightOf(Number(year), Number(month), Number(day)) === undefined) return `day ${day} of month ${month} in ${year}`
  const at = clock.findIndex((part, index) => Number(part) > (index === 0 ? 24 : 59))
  return at === -1 ? undefined : `${['hour', 'minute', 'second'][at]} ${clock[at]}`
}

/** The refusal of a call whose value at `key` is not a time. */
export function noTime(key: string, found: unknown): Refusal {
  const more = typeof found === 'string' || typeof found === 'number' ? describeNoTime(String(found)) : ''
  return invalidAt(key, `expected an ISO 8601 time, such as 2026-01-31T12:00:00.000Z${more === '' ? '' : `; found ${JSON.stringify(found)}${more}`}`)
}

/** @returns the defect of a time on the first day of year 1, which systems write for an unset time; undefined for other times */
export const zeroTimeDefect = (at: Instant): string | undefined => (isZeroTime(at) ? `expected a time, found the first day of year 1${ZERO_TIME}` : undefined)
