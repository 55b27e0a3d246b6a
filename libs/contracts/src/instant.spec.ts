import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatInstant, INSTANT_MAX, INSTANT_MIN, instantOf, instantSchema, isZeroTime, parseInstant } from './instant.ts'

const DAY_MS = 86_400_000
const instant = fc.integer({ min: INSTANT_MIN, max: INSTANT_MAX })

describe('an instant', () => {
  it('is the same after it was written and read again, and Date reads the same instant', () => {
    fc.assert(
      fc.property(instant, (at) => {
        const text = formatInstant(at)
        expect(instantOf(text)).toBe(at)
        expect(parseInstant(text)).toBe(Date.parse(text))
      }),
    )
  })

  it('is the same for every reader of a text that the schema accepts, in any form', () => {
    const fraction = fc.constantFrom('', ',5', '.25', ',123456789')
    const zone = fc.constantFrom('Z', 'z', ' Z', '+00', '-03', '+0530', ' +05:45', '-23:59')
    const form = fc.record({ at: instant, isBasic: fc.boolean(), letter: fc.constantFrom('T', 't', ' '), fraction, zone })
    fc.assert(
      fc.property(form, ({ at, isBasic, letter, fraction: rest, zone: ending }) => {
        const extended = formatInstant(at).slice(0, 19)
        const text = (isBasic ? extended.replaceAll(/[-:]/g, '') : extended).replace('T', letter) + rest + ending
        const isAccepted = instantSchema.safeParse(text).success
        expect(Number.isNaN(instantOf(text))).toBe(!isAccepted)
        if (isAccepted) expect(instantOf(text)).toBe(parseInstant(text))
        if (letter === ' ') expect(isAccepted).toBe(false)
        else expect(isAccepted || at < INSTANT_MIN + DAY_MS || at > INSTANT_MAX - DAY_MS).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('is recognized as an unset time of Go and .NET in any offset', () => {
    const zeros = ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00-08:00', '0001-01-01T12:00:00+12:00']
    expect(zeros.map((text) => isZeroTime(instantOf(text)))).toEqual([true, true, true])
    expect(isZeroTime(instantOf('0001-01-02T00:00:00Z'))).toBe(false)
  })

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    'yesterday',
    '2026-01-01T25:00:00Z',
    '2026-01-01T24:00:01Z',
    '2026-01-01T10:00:60Z',
    '2026-01-01T10:00:00+24:00',
    '2026-01-01T10:00:00+1',
    '2026-01-01T10:00:00+02:',
    '2026-01-01T10:00:00  Z',
    '20260101T10:00:00Z',
    '2026-01-01T100000Z',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+00:01',
    '2026-01-01T10:00:00,Z',
  ])('is not %s', (text) => {
    expect(parseInstant(text)).toBeUndefined()
  })

  it.each([
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T12:00:00.123456Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00-0330', '2026-01-31T15:30:00.000Z'],
    ['2024-07-11T09:07:32.5+00', '2024-07-11T09:07:32.500Z'],
    ['2024-07-11T09:07:32,5Z', '2024-07-11T09:07:32.500Z'],
    ['2024-07-11T09:07:32-03', '2024-07-11T12:07:32.000Z'],
    ['20240711T090732Z', '2024-07-11T09:07:32.000Z'],
    ['20240711t0907+0545', '2024-07-11T03:22:00.000Z'],
    ['2024-07-11t09:07:32z', '2024-07-11T09:07:32.000Z'],
    ['2024-07-11T09:07:32 +02:00', '2024-07-11T07:07:32.000Z'],
    ['2024-12-31T24:00:00Z', '2025-01-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00-23:59', '0001-01-01T23:59:00.000Z'],
  ])('%s is %s', (text, canonical) => {
    expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(canonical)
  })
})
