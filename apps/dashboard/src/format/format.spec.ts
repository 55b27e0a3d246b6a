import { describe, expect, it } from '@jest/globals'
import { compact, count, counted, share, signed } from './numbers.ts'
import { ago, duration, localTime, periodName } from './times.ts'

describe('numbers', () => {
  it('can be read at any size', () => {
    expect([0, 999, 1234, 1_234_567].map(count)).toEqual(['0', '999', '1,234', '1,234,567'])
    expect([0, 9999, 10_000, 1_234_567].map(compact)).toEqual(['0', '9,999', '10K', '1.23M'])
    expect([-5, 0, 1234].map(signed)).toEqual(['−5', '0', '+1,234'])
    expect([counted(1, 'event'), counted(1200, 'event')]).toEqual(['1 event', '1,200 events'])
  })

  it('have no share of nothing', () => {
    expect([share(1, 3), share(0, 3), share(0, 0)]).toEqual(['33.3%', '0%', '–'])
  })
})

describe('times', () => {
  it('are those of the zone, with a change of the clock in it', () => {
    expect(localTime('2026-03-29T00:59:59Z', 'Europe/Amsterdam')).toBe('2026-03-29 01:59:59')
    expect(localTime('2026-03-29T01:00:00Z', 'Europe/Amsterdam')).toBe('2026-03-29 03:00:00')
  })

  it('name a period by its beginning', () => {
    expect(['day', 'week', 'month'].map((by) => periodName('2026-01-31T23:00:00Z', by, 'Europe/Amsterdam'))).toEqual(['1 Feb', '1 Feb', 'Feb 2026'])
  })

  it('say how long something is, and how long ago', () => {
    expect([0, 59_000, 60_000, 5_400_000, 90_000_000, 864_000_000, 40_000_000_000].map(duration)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '1 h 30 min',
      '1 d 1 h',
      '10 d',
      '1 y 97 d',
    ])
    expect([3, 130, 7300, 200_000].map(ago)).toEqual(['3 s ago', '2 min ago', '2 h ago', '2 days ago'])
  })
})
