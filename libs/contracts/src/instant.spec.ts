import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatInstant, INSTANT_MAX, INSTANT_MIN, instantOf, parseInstant } from './instant.ts'

describe('an instant', () => {
  it('written and read again is the same, as Date reads it', () => {
    fc.assert(
      fc.property(fc.integer({ min: INSTANT_MIN, max: INSTANT_MAX }), (at) => {
        const text = formatInstant(at)
        expect(instantOf(text)).toBe(at)
        expect(parseInstant(text)).toBe(Date.parse(text))
      }),
    )
  })

  it.each(['2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00', 'yesterday', '2026-01-01T25:00:00Z'])('is not %s', (text) => {
    expect(parseInstant(text)).toBeUndefined()
  })

  it.each([
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T12:00:00.123456Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00-0330', '2026-01-31T15:30:00.000Z'],
  ])('%s is %s', (text, canonical) => {
    expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(canonical)
  })
})
