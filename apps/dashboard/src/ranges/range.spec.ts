import { expect, it } from '@jest/globals'
import { customRange, lengthsFor, rangeOf } from './range.ts'

const now = Date.parse('2026-11-29T12:00:00Z')
const context = { zone: 'Europe/Berlin', now, first: undefined }
const iso = (at = Number.NaN): string => new Date(at).toISOString()

it.each([
  ['24h', '2026-11-28T12:00:00.000Z', 'hour'],
  ['30d', '2026-10-30T12:00:00.000Z', 'day'],
  [undefined, '2025-11-29T12:00:00.000Z', 'week'],
  ['nonsense', '2025-11-29T12:00:00.000Z', 'week'],
])('the range %s ends now, and has periods of a length that suits it', (name, from, by) => {
  const range = rangeOf(name, context)
  expect([iso(range?.from), iso(range?.until), range?.by]).toEqual([from, iso(now), by])
})

it('dates are whole days of the zone, also where clocks change', () => {
  const range = rangeOf('2026-03-29..2026-03-29', context)
  expect([iso(range?.from), iso(range?.until)]).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'])
  const autumn = rangeOf('2026-10-25..2026-10-31', context)
  expect([iso(autumn?.from), iso(autumn?.until)]).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-31T23:00:00.000Z'])
})

it('dates in the wrong order, or that are none, are no range of dates', () => {
  for (const text of ['2026-03-29..2026-03-28', '2026-13-01..2026-13-02', '2026-03-29']) expect(rangeOf(text, context)?.name).toBe('12m')
  expect(customRange('2026-03-29', '2026-03-28')).toBe('2026-03-28..2026-03-29')
})

it('all begins with the first that is known', () => {
  expect(rangeOf('all', context)).toBeUndefined()
  expect(rangeOf('all', { ...context, first: Date.parse('2024-02-01T00:00:00Z') })).toMatchObject({ name: 'all', by: 'month' })
})

it('a length of period that does not suit the range is not used', () => {
  expect(rangeOf('12m', { ...context, by: 'hour' })?.by).toBe('week')
  expect(rangeOf('12m', { ...context, by: 'month' })?.by).toBe('month')
  expect(lengthsFor({ from: now - 86_400_000, until: now })).toEqual(['hour'])
})

it('a picture with place for few periods has longer ones', () => {
  expect([rangeOf('12m', { ...context, grain: 'coarse' })?.by, rangeOf('30d', { ...context, grain: 'coarse' })?.by]).toEqual(['month', 'week'])
})
