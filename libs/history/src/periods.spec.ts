import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Period, type PeriodLength, periodLengths, periodsOf } from './periods.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Zones with skipped and repeated hours, half and three quarters of an hour, changes at midnight, and a skipped date. */
const zones = [
  'UTC',
  'Europe/Amsterdam',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'America/Havana',
  'America/St_Johns',
  '+05:30',
]

/** What the clock shows: a reference from the parts that Intl formats. */
function shown(zone: string): (at: number) => { date: string; weekday: string; time: string } {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' })
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short' })
  return (at) => {
    const [date = '', time = ''] = format.format(at).split(', ')
    return { date, weekday: day.format(at), time }
  }
}

const from = (begin: string, until: string, by: PeriodLength, zone: string) =>
  periodsOf({ from: Date.parse(begin), until: Date.parse(until), by, zone }).map((period) => new Date(period.from).toISOString().slice(0, 16))

describe('the periods of a time zone', () => {
  it('are adjacent, cover the range, and none is empty', () => {
    const range = fc.record({
      from: fc.integer({ min: Date.UTC(1960, 0, 1), max: Date.UTC(2040, 0, 1) }),
      length: fc.integer({ min: 1, max: 400 * DAY }),
      by: fc.constantFrom(...periodLengths),
      zone: fc.constantFrom(...zones),
    })
    fc.assert(
      fc.property(range, ({ from: begin, length, by, zone }) => {
        const until = begin + Math.min(length, by === 'hour' ? 20 * DAY : length)
        const periods = periodsOf({ from: begin, until, by, zone })
        const [first, last] = [periods[0] as Period, periods.at(-1) as Period]
        expect([first.from <= begin, first.until > begin, last.from < until, last.until >= until]).toEqual([true, true, true, true])
        for (const period of periods) expect(period.until).toBeGreaterThan(period.from)
        expect(periods.slice(1).map((period) => period.from)).toEqual(periods.slice(0, -1).map((period) => period.until))
        // Asked for its own bounds, a range is divided in the same way.
        const whole = { from: first.from, until: last.until, by, zone }
        expect(periodsOf(whole)).toEqual(periods)
      }),
      { numRuns: 300 },
    )
  })

  it.each(zones)('of %s: days begin at the first instant of their date, weeks on Mondays, months on the first', (zone) => {
    const clock = shown(zone)
    const range = { from: Date.UTC(2010, 11, 1), until: Date.UTC(2013, 1, 1), zone }
    for (const by of ['day', 'week', 'month'] as const) {
      const periods = periodsOf({ ...range, by })
      for (const period of periods) {
        const [last, first, next] = [clock(period.from - 1), clock(period.from), clock(period.until - 1)]
        expect(first.date).not.toBe(last.date)
        if (by === 'day') expect(next.date).toBe(first.date)
        if (by === 'week') expect([first.weekday, next.weekday]).toEqual(['Mon', 'Sun'])
        if (by === 'month') expect([first.date.slice(0, 2), next.date.slice(3)]).toEqual(['01', first.date.slice(3)])
      }
      const dates = periods.map((period) => clock(period.from).date)
      expect(new Set(dates).size).toBe(dates.length)
    }
  })

  it.each(zones)('of %s: hours begin where the clock shows a full hour, or where it changes', (zone) => {
    const clock = shown(zone)
    for (const [begin, end] of [
      ['2011-12-28', '2012-01-02'],
      ['2026-03-05', '2026-05-02'],
      ['2026-10-01', '2026-11-04'],
    ] as const) {
      for (const period of periodsOf({ from: Date.parse(begin), until: Date.parse(end), by: 'hour', zone })) {
        const [before, first, last] = [clock(period.from - 1), clock(period.from), clock(period.until - 1)]
        expect(last.time.slice(0, 2)).toBe(first.time.slice(0, 2))
        if (first.time.endsWith(':00:00')) continue
        // Only a change of clocks begins an hour in its middle.
        expect(Number(before.time.slice(3, 5)) + 1).not.toBe(Number(first.time.slice(3, 5)))
      }
    }
  })

  it('have an hour less where clocks go forward, and the repeated hour twice where they go back', () => {
    expect(from('2026-03-29T00:00Z', '2026-03-29T03:00Z', 'hour', 'Europe/Amsterdam')).toEqual(['2026-03-29T00:00', '2026-03-29T01:00', '2026-03-29T02:00'])
    const [spring] = periodsOf({ from: Date.parse('2026-03-29T10:00Z'), until: Date.parse('2026-03-29T11:00Z'), by: 'day', zone: 'Europe/Amsterdam' })
    expect(((spring?.until ?? 0) - (spring?.from ?? 0)) / HOUR).toBe(23)
    const [autumn] = periodsOf({ from: Date.parse('2026-11-01T10:00Z'), until: Date.parse('2026-11-01T11:00Z'), by: 'day', zone: 'America/New_York' })
    expect(((autumn?.until ?? 0) - (autumn?.from ?? 0)) / HOUR).toBe(25)
    // 02:00 becomes 01:30 there: half an hour is repeated.
    expect(from('2026-04-04T14:00Z', '2026-04-04T16:30Z', 'hour', 'Australia/Lord_Howe')).toEqual(['2026-04-04T14:00', '2026-04-04T15:00', '2026-04-04T15:30'])
  })

  it('have no day for a date that was skipped', () => {
    expect(from('2011-12-29T12:00Z', '2012-01-01T00:00Z', 'day', 'Pacific/Apia')).toEqual(['2011-12-29T10:00', '2011-12-30T10:00', '2011-12-31T10:00'])
  })

  it('begin at quarters of an hour where the zone does', () => {
    expect(from('2026-02-28T20:00Z', '2026-03-01T00:00Z', 'month', 'Asia/Kathmandu')).toEqual(['2026-02-28T18:15'])
    expect(from('2026-01-01T00:00Z', '2026-01-01T01:00Z', 'hour', 'Asia/Kathmandu')).toEqual(['2025-12-31T23:15', '2026-01-01T00:15'])
  })

  it('exist on both sides of 1970, and in year 1', () => {
    expect(from('1969-12-31T12:00Z', '1970-01-01T12:00Z', 'week', 'UTC')).toEqual(['1969-12-29T00:00'])
    expect(from('0001-01-01T00:00Z', '0001-03-01T00:00Z', 'month', 'UTC')).toEqual(['0001-01-01T00:00', '0001-02-01T00:00'])
  })

  it.each([
    ['2026-01-02', '2026-01-02', 'day', /begins before it ends/],
    ['2026-01-03', '2026-01-02', 'day', /begins before it ends/],
    ['2024-01-01', '2026-01-01', 'hour', /at most 10000 periods \(by=hour\) and 100 years/],
    ['1900-01-01', '2026-01-01', 'month', /at most 10000 periods/],
    ['0001-01-01', '9999-01-01', 'day', /at most 10000 periods/],
  ] as const)('are refused from %s until %s by %s', (begin, end, by, message) => {
    expect(() => from(begin, end, by, 'UTC')).toThrow(message)
  })
})
