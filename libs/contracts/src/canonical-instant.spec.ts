import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { canonicalInstant } from './canonical-instant.ts'
import { formatInstant, INSTANT_MAX, INSTANT_MIN, parseInstant } from './instant.ts'

const instant = fc.integer({ min: INSTANT_MIN, max: INSTANT_MAX })

describe('a time in the form that Rondo writes', () => {
  it('is the instant that it was written from', () => {
    fc.assert(fc.property(instant, (at) => expect(canonicalInstant(formatInstant(at))).toBe(at)))
  })

  it('with one or two characters replaced, is invalid only if Rondo never writes it so, and else what parseInstant reads', () => {
    const digits = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'))
    const change = fc.tuple(fc.integer({ min: 0, max: 22 }), fc.oneof(digits, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })))
    fc.assert(
      fc.property(instant, change, (at, [offset, replacement]) => {
        const text = formatInstant(at)
        const changed = text.slice(0, offset) + replacement + text.slice(offset + replacement.length)
        const found = canonicalInstant(changed)
        if (!Number.isNaN(found)) expect(found).toBe(parseInstant(changed))
        else expect(changed.length !== 24 || parseInstant(changed) === undefined || formatInstant(parseInstant(changed) as number) !== changed).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    undefined,
    null,
    7,
    '',
    '2025-02-29T00:00:00.000Z',
    '2025-04-31T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '2025-01-01T24:00:00.000Z',
    '2025-01-01T00:00:00.000z',
  ])('is not %j', (value) => {
    expect(canonicalInstant(value)).toBeNaN()
  })
})
