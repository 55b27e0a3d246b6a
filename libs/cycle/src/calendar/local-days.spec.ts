import { describe, expect, it } from '@jest/globals'
import { INSTANT_MAX, INSTANT_MIN } from '#contracts'
import { dayOf, startOfDay } from '../../../../test/oracle/calendar.ts'
import { DAY_MS, LocalDays } from './local-days.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Zones and years with unusual changes: skipped days, skipped or repeated midnights, changes of half an hour or of minutes, negative summer time. */
const eras = [
  ['UTC', 2024, 2024],
  ['Europe/Berlin', 1969, 1971],
  ['Europe/Berlin', 2025, 2026],
  ['Australia/Lord_Howe', 2024, 2026],
  ['America/St_Johns', 2012, 2013],
  ['Pacific/Apia', 2010, 2013],
  ['Africa/Casablanca', 2017, 2020],
  ['America/Sao_Paulo', 2016, 2019],
  ['Africa/Cairo', 2026, 2026],
  ['America/Havana', 2012, 2013],
  ['Atlantic/Azores', 2026, 2026],
  ['Africa/Monrovia', 1971, 1972],
  ['Asia/Kathmandu', 1985, 1986],
] as const

/** A reference: the first instant of each local date, from the dates that Intl formats. */
function datesBetween(zone: string, from: number, to: number): { day: number; start: number }[] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const dateAt = (at: number): number => Date.parse(format.format(at)) / DAY_MS
  const dates: { day: number; start: number }[] = []
  let newest = dateAt(from)
  // A date begins between two steps; a binary search finds the millisecond.
  for (let at = from; at < to; at += HOUR) {
    const day = dateAt(at)
    if (day <= newest) continue
    let [before, reached] = [at - HOUR, at]
    while (reached - before > 1) {
      const middle = Math.floor((before + reached) / 2)
      if (dateAt(middle) > newest) reached = middle
      else before = middle
    }
    newest = dateAt(reached)
    dates.push({ day: newest, start: reached })
  }
  return dates
}

describe.each(eras)('local days of %s from %d to %d', (zone, first, last) => {
  const dates = datesBetween(zone, Date.UTC(first, 0, 1), Date.UTC(last + 1, 0, 1))

  it('begin at the first instant of their date', () => {
    const days = new LocalDays(zone)
    expect(dates.length).toBeGreaterThan(363 * (last - first + 1))
    expect(dates.filter(({ day, start }) => days.startOf(day) !== start)).toEqual([])
  })

  it('contain every instant from their beginning to the next one', () => {
    const days = new LocalDays(zone)
    const instants = dates.flatMap(({ day, start }, index) => {
      const end = dates[index + 1]?.start ?? start + 1
      return [...Array.from({ length: Math.ceil((end - start) / (29 * MINUTE)) }, (_, n) => start + n * 29 * MINUTE), end - 1].map((at) => ({ at, day }))
    })
    expect(instants.filter(({ at, day }) => days.dayOf(at) !== day)).toEqual([])
  })

  it('do not depend on earlier calls', () => {
    const days = new LocalDays(zone)
    expect(dates.toReversed().filter(({ day, start }) => days.dayOf(start) !== day)).toEqual([])
    const someDays = dates.filter(({ day }) => day % 37 === 0)
    expect(someDays.filter(({ day, start }) => new LocalDays(zone).startOf(day) !== start || new LocalDays(zone).dayOf(start) !== day)).toEqual([])
  })
})

describe('local days', () => {
  it('that the zone skipped begin with the next day', () => {
    const days = new LocalDays('Pacific/Apia')
    const skipped = Date.UTC(2011, 11, 30) / DAY_MS
    expect(new Date(days.startOf(skipped)).toISOString()).toBe('2011-12-30T10:00:00.000Z')
    expect(days.startOf(skipped)).toBe(days.startOf(skipped + 1))
    expect(days.dayOf(days.startOf(skipped))).toBe(skipped + 1)
  })

  it('do not begin again when clocks go back across midnight', () => {
    const days = new LocalDays('America/St_Johns')
    const day = Date.UTC(2010, 10, 7) / DAY_MS
    const begins = Date.UTC(2010, 10, 7, 2, 30)
    const setBack = begins + MINUTE
    expect(days.startOf(day)).toBe(begins)
    expect([begins - 1, begins, setBack - 1, setBack, setBack + 58 * MINUTE, setBack + HOUR].map((at) => days.dayOf(at) - day)).toEqual([-1, 0, 0, 0, 0, 0])
  })

  it('have the offset of the zone', () => {
    expect(new LocalDays('Asia/Kathmandu').offset(Date.UTC(2026, 0, 1))).toBe(345 * MINUTE)
    expect(new LocalDays('America/New_York').offset(Date.UTC(2026, 6, 1))).toBe(-240 * MINUTE)
    expect(new LocalDays('UTC').offset(Date.UTC(2026, 6, 1))).toBe(0)
  })

  it('are defined for all instants of records, from the first to the last', () => {
    const newYork = new LocalDays('America/New_York')
    const dayOne = INSTANT_MIN / DAY_MS
    // The local mean time of New York was 4 h 56 min 2 s behind Greenwich.
    const behind = 4 * HOUR + 56 * MINUTE + 2000
    expect(newYork.offset(INSTANT_MIN)).toBe(-behind)
    expect([0, behind - 1, behind, DAY_MS + behind - 1].map((ms) => newYork.dayOf(INSTANT_MIN + ms) - dayOne)).toEqual([-1, -1, 0, 0])
    expect([-1, 0, 1].map((day) => newYork.startOf(dayOne + day) - INSTANT_MIN)).toEqual([behind - DAY_MS, behind, DAY_MS + behind])
    const tokyo = new LocalDays('Asia/Tokyo')
    expect([tokyo.dayOf(INSTANT_MIN) - dayOne, tokyo.dayOf(INSTANT_MAX) - Math.floor(INSTANT_MAX / DAY_MS)]).toEqual([0, 1])
    expect(new LocalDays('Pacific/Honolulu').dayOf(INSTANT_MAX)).toBe(Math.floor(INSTANT_MAX / DAY_MS))
  })

  it.each(['America/New_York', 'America/St_Johns', 'Pacific/Apia', 'Asia/Manila', 'Europe/London', 'Asia/Tokyo', 'America/Juneau'])(
    'of the first and the last years are equal to those of the oracle, in %s',
    (zone) => {
      const days = new LocalDays(zone)
      const instants = [INSTANT_MIN, Date.parse('0004-02-28T00:00:00Z'), Date.parse('0099-12-31T00:00:00Z'), INSTANT_MAX - 4 * DAY_MS]
      for (const from of instants) {
        for (let at = from; at < from + 4 * DAY_MS; at += 97 * MINUTE) {
          expect([at, days.dayOf(at)]).toEqual([at, dayOf(zone, at)])
          expect([at, days.startOf(days.dayOf(at))]).toEqual([at, startOfDay(zone, dayOf(zone, at))])
        }
      }
    },
  )

  it('refuse an unknown zone', () => {
    expect(() => new LocalDays('Nowhere/Land')).toThrow(RangeError)
  })
})
