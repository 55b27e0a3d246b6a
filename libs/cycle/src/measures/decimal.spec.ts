import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { addDecimal, type Decimal, decimalNumber, decimalOf, quotientNumber } from './decimal.ts'

/** A reference in BigInt: millionths of the shortest decimal form, rounded half away from zero. */
function millionths(value: number): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  const [digits, scale] = [BigInt(whole + fraction), Number(exponent) - fraction.length + 6]
  const size = scale >= 0 ? digits * 10n ** BigInt(scale) : (digits + 10n ** BigInt(-scale) / 2n) / 10n ** BigInt(-scale)
  return sign === '-' ? -size : size
}

const exact = ({ units, millionths }: Decimal): bigint => BigInt(units) * 1_000_000n + BigInt(millionths)

/** Doubles of every size up to the limit, and decimals at and near half a millionth. */
const amountArb = fc.oneof(
  fc.double({ min: -9e9, max: 9e9, noNaN: true }),
  fc.double({ min: -1e-5, max: 1e-5, noNaN: true }),
  fc.tuple(fc.integer({ min: -9_000_000, max: 9_000_000 }), fc.constantFrom(1e-7, 1e-6, 0.01, 1, 999)).map(([n, unit]) => n * unit),
  fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.nat(9)).map(([n, digit]) => Number(`${n}.00000${digit}5`)),
  fc.integer({ min: -9_000_000_000, max: 9_000_000_000 }),
)

describe('an amount', () => {
  it('is its shortest decimal form in millionths, half away from zero', () => {
    fc.assert(
      fc.property(amountArb, (value) => {
        const decimal = decimalOf(value) as Decimal
        expect(exact(decimal)).toBe(millionths(value))
        expect(decimal.millionths).toBeGreaterThanOrEqual(0)
        expect(decimal.millionths).toBeLessThan(1_000_000)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    [0.0000005, 1n],
    [-0.0000005, -1n],
    [0.00000049, 0n],
    [1e-7, 0n],
    [5e-324, 0n],
    [1.0000005, 1_000_001n],
    [2.0000015, 2_000_002n],
    [1_000_000_000.000001, 1_000_000_000_000_001n],
    [1_234_567_890.123457, 1_234_567_890_123_457n],
    [-8_999_999_999.999998, -8_999_999_999_999_998n],
    [9e9, 9_000_000_000_000_000n],
    [-9e9, -9_000_000_000_000_000n],
  ])('%d is %d millionths', (value, wanted) => {
    expect(exact(decimalOf(value) as Decimal)).toBe(wanted)
  })

  it.each([9_000_000_000.000002, -9_000_000_000.000002, Number.POSITIVE_INFINITY, Number.NaN, '1', true, null, undefined, {}, [1]])(
    'is undefined for %p',
    (value) => {
      expect(decimalOf(value)).toBeUndefined()
    },
  )
})

describe('a sum', () => {
  it('is exact after any additions and subtractions, and its value is the nearest double', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(amountArb, fc.constantFrom<1 | -1>(1, -1)), { maxLength: 40 }), (amounts) => {
        const sum: Decimal = { units: 0, millionths: 0 }
        let total = 0n
        for (const [value, sign] of amounts) {
          addDecimal(sum, decimalOf(value) as Decimal, sign)
          total += BigInt(sign) * millionths(value)
        }
        expect(exact(sum)).toBe(total)
        expect(sum.millionths).toBeGreaterThanOrEqual(0)
        expect(sum.millionths).toBeLessThan(1_000_000)
        expect(decimalNumber(sum)).toBe(Number(`${total}e-6`))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([1, -1] as const)('has the nearest double as its value also beyond 2^53 millionths (sign %d)', (sign) => {
    const sum: Decimal = { units: 0, millionths: 0 }
    for (let i = 0; i < 30; i++) addDecimal(sum, { units: 9e9, millionths: 0 }, sign)
    addDecimal(sum, { units: 0, millionths: 30 }, sign)
    expect(decimalNumber(sum)).toBe(sign * 270_000_000_000.00003)
  })
})

describe('a quotient', () => {
  it('is the exact sum divided by the count, rounded half away from zero', () => {
    fc.assert(
      fc.property(fc.array(amountArb, { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 99_999 }), (amounts, repeated) => {
        const sum: Decimal = { units: 0, millionths: 0 }
        for (const amount of amounts) addDecimal(sum, decimalOf(amount * (repeated % 2)) as Decimal, 1)
        const count = amounts.length * (repeated % 7 === 0 ? 1 : repeated)
        const [total, size] = [exact(sum), BigInt(count)]
        const wanted = total < 0n ? -((-2n * total + size) / (2n * size)) : (2n * total + size) / (2n * size)
        expect(quotientNumber(sum, count)).toBe(Number(`${wanted}e-6`) + 0)
      }),
    )
  })

  it.each<[number[], number, number]>([
    [[0.000001], 2, 0.000001],
    [[-0.000001], 2, -0.000001],
    [[0.000001], 3, 0],
    [[-0.000001], 3, 0],
    [[1], 3, 0.333333],
    [[2], 3, 0.666667],
    [Array.from({ length: 20 }, () => 9e9), 20, 9e9],
    [[...Array.from({ length: 20 }, () => -9e9), -0.000009], 20, -9e9],
    [[9e9, 9e9, 0.000001], 2, Number('9000000000.000001')],
  ])('of the sum of %j and %d is %d', (amounts, count, wanted) => {
    const sum: Decimal = { units: 0, millionths: 0 }
    for (const amount of amounts) addDecimal(sum, decimalOf(amount) as Decimal, 1)
    expect(quotientNumber(sum, count)).toBe(wanted)
  })
})
