import { type Instant, RondoError } from '#contracts'
import { DAY_MS, LocalDays } from '#cycle'

/** The lengths of periods. */
export const periodLengths = ['hour', 'day', 'week', 'month'] as const
export type PeriodLength = (typeof periodLengths)[number]

/** A part of time, from its first instant to the first one after it. */
export interface Period {
  readonly from: Instant
  readonly until: Instant
}

/** A range to divide into periods of a time zone. */
export interface PeriodRange extends Period {
  readonly by: PeriodLength
  /** An IANA name that the time zone data of this process has. */
  readonly zone: string
}

/** The most periods of one range. */
const PERIODS_MAX = 10_000
/** The longest range: the changes of clocks of each year are looked up. */
const YEARS_MAX = 100

const HOUR_MS = 3_600_000
/** No period is shorter, but hours in which clocks change. */
const SHORTEST_MS: Readonly<Record<PeriodLength, number>> = { hour: HOUR_MS / 2, day: 22 * HOUR_MS, week: 7 * DAY_MS - HOUR_MS * 26, month: 27 * DAY_MS }

/**
 * The periods of a time zone that cover a range, in their order, without gaps: the first contains `from`, and the last one ends at `until` or after it.
 * Days begin at the first instant of their date, weeks with the Monday, months with the first. An hour begins where the clock shows a full hour, and where
 * clocks change: an hour that clocks repeat is two periods, and one that they skip is none. So is a date that a zone skipped.
 * @throws RondoError RONDO_ARGUMENT_INVALID for a range that does not begin before it ends, or has more than {@link PERIODS_MAX} periods; a RangeError for
 * an unknown time zone
 */
export function periodsOf({ from, until, by, zone }: PeriodRange): Period[] {
  if (from >= until) throw new RondoError('RONDO_ARGUMENT_INVALID', 'from and until: expected a range that begins before it ends.')
  if ((until - from) / SHORTEST_MS[by] > 2 * PERIODS_MAX || until - from > YEARS_MAX * 366 * DAY_MS) throw tooLarge(by)
  const clock = new LocalDays(zone)
  const next = by === 'hour' ? nextHour(clock) : nextOf(daysIn[by], clock)
  const periods: Period[] = []
  let begin = by === 'hour' ? beginOfHour(clock, from) : beginOf(daysIn[by], clock, from)
  while (begin < until) {
    const end = next(begin)
    periods.push({ from: begin, until: end })
    if (periods.length > PERIODS_MAX) throw tooLarge(by)
    begin = end
  }
  return periods
}

function tooLarge(by: PeriodLength): RondoError {
  const message = `from and until: expected a range of at most ${PERIODS_MAX} periods (by=${by}) and ${YEARS_MAX} years. Ask for a shorter range, or for longer periods.`
  return new RondoError('RONDO_ARGUMENT_INVALID', message)
}

/** Numbers periods of whole days. */
interface Numbering {
  /** The number of the period of a day. */
  readonly of: (day: number) => number
  /** The first day of a period. */
  readonly first: (number: number) => number
}

/** 1970-01-01 was a Thursday, so the Monday of its week was three days before. */
const MONDAY = 3

const daysIn: Readonly<Record<Exclude<PeriodLength, 'hour'>, Numbering>> = {
  day: { of: (day) => day, first: (day) => day },
  week: { of: (day) => Math.floor((day + MONDAY) / 7), first: (week) => week * 7 - MONDAY },
  month: { of: monthOf, first: firstOfMonth },
}

function monthOf(day: number): number {
  const date = new Date(day * DAY_MS)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function firstOfMonth(month: number): number {
  // Not Date.UTC, which takes years below 100 as 19xx.
  return new Date(0).setUTCFullYear(Math.floor(month / 12), month - Math.floor(month / 12) * 12, 1) / DAY_MS
}

function beginOf(numbering: Numbering, clock: LocalDays, at: Instant): Instant {
  return clock.startOf(numbering.first(numbering.of(clock.dayOf(at))))
}

/** The end of the period that begins at an instant. Periods that the zone skipped are passed over. */
function nextOf(numbering: Numbering, clock: LocalDays): (begin: Instant) => Instant {
  return (begin) => {
    let number = numbering.of(clock.dayOf(begin)) + 1
    let end = clock.startOf(numbering.first(number))
    while (end <= begin) {
      number += 1
      end = clock.startOf(numbering.first(number))
    }
    return end
  }
}

function nextHour(clock: LocalDays): (begin: Instant) => Instant {
  return (begin) => {
    const offset = clock.offset(begin)
    const full = begin + HOUR_MS - sinceFullHour(begin, offset)
    return clock.offset(full - 1) === offset ? full : changeAfter(clock, begin, full)
  }
}

function beginOfHour(clock: LocalDays, at: Instant): Instant {
  const offset = clock.offset(at)
  const full = at - sinceFullHour(at, offset)
  return clock.offset(full) === offset ? full : changeAfter(clock, full, at)
}

function sinceFullHour(at: Instant, offset: number): number {
  const local = at + offset
  return local - Math.floor(local / HOUR_MS) * HOUR_MS
}

/** The first instant with the offset of `after`, if the offset changes once. */
function changeAfter(clock: LocalDays, before: Instant, after: Instant): Instant {
  const offset = clock.offset(before)
  let [low, high] = [before, after]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (clock.offset(middle) === offset) low = middle
    else high = middle
  }
  return high
}
