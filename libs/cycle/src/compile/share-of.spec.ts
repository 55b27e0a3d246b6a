import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { shareOf } from './share-of.ts'

const DAY_MS = 86_400_000
/** A share between 0 and 1 as decimal digits. */
const shareArb = fc.integer({ min: 1, max: 15 }).chain((places) => fc.integer({ min: 1, max: 10 ** places - 1 }).map((digits) => ({ digits, places })))

describe('a share of a time', () => {
  it.each([
    [0.145, 100, 15],
    [0.145, 1000, 145],
    [0.285, 100, 29],
    [0.575, 1000, 575],
    [0.1, 5, 1],
    [0.1, 4, 0],
    [0.5, 1, 1],
    [0.999, 30 * DAY_MS, 2_589_408_000],
    [1e-7, 5_000_000, 1],
    [1e-7, 4_999_999, 0],
    [1e-7, 36_525 * DAY_MS, 315_576],
  ])('is exact and rounded half up: %d of %d ms', (share, ms, part) => {
    expect(shareOf(share)(ms)).toBe(part)
  })

  it('is computed from the decimal, not from the double', () => {
    fc.assert(
      fc.property(shareArb, fc.nat(36_525 * DAY_MS), ({ digits, places }, ms) => {
        const scale = 10n ** BigInt(places)
        const doubled = 2n * BigInt(digits) * BigInt(ms)
        const floor = doubled / (2n * scale)
        const expected = doubled - floor * 2n * scale >= scale ? floor + 1n : floor
        const part = shareOf(Number(`0.${String(digits).padStart(places, '0')}`))
        expect([part(ms), part(ms)]).toEqual([Number(expected), Number(expected)])
      }),
      { numRuns: 2000 },
    )
  })

  it('that ends in half a millisecond is rounded up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 500 }), (whole, times) => {
        // (whole + 0.5) % of 100 ms, and of odd multiples of them.
        const odd = 2 * times - 1
        expect(shareOf(Number(`0.${String(whole).padStart(2, '0')}5`))(100 * odd)).toBe(Math.ceil(((10 * whole + 5) * odd) / 10))
      }),
    )
  })
})
