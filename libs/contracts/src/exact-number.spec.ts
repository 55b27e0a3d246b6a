import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { exactNumber, isHeldExactly } from './exact-number.ts'

describe('the value of a number literal', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['120.50', 120.5],
    ['1e3', 1000],
    ['1e-400', 0],
    ['9007199254740991', 9_007_199_254_740_991],
    ['0.1234567890123456789012', 0.123_456_789_012_345_68],
  ])('of %s is a double', (literal, value) => {
    expect(exactNumber(literal)).toBe(value)
  })

  it.each([
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['-653247040368672769', '-653247040368672769'],
    ['1e20', '100000000000000000000'],
    ['1E+20', '100000000000000000000'],
    ['10.0e19', '100000000000000000000'],
    ['12345678901234567890.0', '12345678901234567890'],
    ['12345678901234567890.50', '12345678901234567890.5'],
    ['1234567890123456789012e-3', '1234567890123456789.012'],
    ['9'.repeat(400), '9'.repeat(400)],
  ])('of %s is its text', (literal, text) => {
    expect(exactNumber(literal)).toBe(text)
  })

  it.each(['1e400', '-1e400', '9.9E+309', '1e999999999999'])('of %s is undefined, because no double is as large', (literal) => {
    expect(exactNumber(literal)).toBeUndefined()
  })

  it('is the same for equal whole numbers in different forms, and differs for different numbers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.bigInt({ min: -2n, max: 2n }), fc.nat(5), (whole, step, zeros) => {
        const forms = [String(whole), `${whole}.${'0'.repeat(zeros + 1)}`, `${whole}${'0'.repeat(zeros)}e-${zeros}`, `${whole}e0`]
        for (const form of forms) expect(exactNumber(form)).toEqual(exactNumber(String(whole)))
        expect(exactNumber(String(whole + step)) === exactNumber(String(whole))).toBe(step === 0n)
      }),
    )
  })

  it('stays the same when it is written as JSON and read again', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const held = exactNumber(JSON.stringify(value))
        expect(typeof held === 'number' ? exactNumber(JSON.stringify(held)) : held).toEqual(held)
      }),
    )
  })
})

describe('a literal of a definition', () => {
  it.each(['0', '-0', '+5', '.5', '5.', '007', '1.10', '1e3', '0.1', '0.30000000000000004', '9007199254740991', '0x1F', '0o17', '5e-324'])(
    '%s is held',
    (literal) => {
      expect(isHeldExactly(literal, Number(literal))).toBe(true)
    },
  )

  it.each(['9007199254740992', '9007199254740993', '1e20', '1e400', '1e-400', '0.1234567890123456789', '123456789012.1234567', '0xFFFFFFFFFFFFFFFF', '1.5e16'])(
    '%s is not held',
    (literal) => {
      expect(isHeldExactly(literal, Number(literal))).toBe(false)
    },
  )
})
