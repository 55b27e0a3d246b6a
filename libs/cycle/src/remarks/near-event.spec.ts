import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { editDistance } from '../definition/nearest-name.ts'
import { nearNames } from './near-event.ts'

const near = (name: string, ...known: string[]) => nearNames(known)(name)

describe('a name is near to another', () => {
  it.each([
    ['order completed', 'Order Completed'],
    ['Order Complete', 'Order Completed'],
    ['Order Completedd', 'Order Completed'],
    ['Order Compleded', 'Order Completed'],
    ['Odrer Completed', 'Order Completed'],
    ['ordr_completed', 'Order Completed'],
    ['😀 Visit', '😀 Visits'],
  ])('if it differs in case, separators or one typing error: %s and %s', (name, known) => {
    expect([near(name, known), near(known, name)]).toEqual([known, name])
  })

  it.each([
    ['a', 'b'],
    ['buy', 'by'],
    ['Open', 'Opens'],
    ['Step 1 Viewed', 'Step 2 Viewed'],
    ['Step 1 Viewed', 'Step Viewed'],
    ['Sign In Page', 'Sign Up Page'],
    ['Order Compete', 'Order Completed'],
    [`${'x'.repeat(100)}y`, 'x'.repeat(100)],
  ])('never if it may as well be a name of its own: %s and %s', (name, known) => {
    expect([near(name, known), near(known, name)]).toEqual([undefined, undefined])
  })

  it('and the name that differs least is found', () => {
    expect(near('order_completed', 'Order Complete', 'Order Completed')).toBe('Order Completed')
    expect(near('Order Completed', 'order completed', 'Order Completed')).toBe('Order Completed')
  })

  it('if and only if at most one typing error lies between them, for any names', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', '1', 'é'), minLength: 5, maxLength: 8 })
    const digits = (text: string): string => text.replaceAll(/[^0-9]/g, '')
    const isNear = (one: string, other: string): boolean => one === other || (digits(one) === digits(other) && editDistance(one, other) <= 1)
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 20 }), (one, known) => {
        const found = near(one, ...known)
        expect(found !== undefined).toBe(known.some((other) => isNear(one, other)))
        if (found !== undefined) expect(isNear(one, found)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('after any one typing error in it', () => {
    const letter = fc.constantFrom(...'abcdefghij')
    const name = fc.string({ unit: letter, minLength: 6, maxLength: 20 })
    fc.assert(
      fc.property(name, fc.nat(), letter, fc.constantFrom('insert', 'leave out', 'replace', 'swap'), (known, place, other, kind) => {
        const at = place % known.length
        const [before, after] = [known.slice(0, at), known.slice(at)]
        const [first = '', second = ''] = after
        const changed = { insert: other + after, 'leave out': after.slice(1), replace: other + after.slice(1), swap: second + first + after.slice(2) }[kind]
        expect(near(before + changed, known)).toBe(known)
      }),
    )
  })
})
