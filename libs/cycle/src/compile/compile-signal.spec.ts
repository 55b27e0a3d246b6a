import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compileSignal } from './compile-signal.ts'

const matches = (event: string | string[], name: string): boolean => compileSignal('s', { event }).matchesName(name)

describe('an event pattern (rule 16)', () => {
  it.each<[string | string[], string, boolean]>([
    ['Visit', 'Visit', true],
    ['Visit', 'visit', false],
    ['Visit', 'Visited', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['Order *', 'Order Completed', true],
    ['Order *', 'Order ', true],
    ['Order *', 'Orders', false],
    ['* Viewed', 'Page Viewed', true],
    ['* Viewed', ' Viewed', true],
    ['* Viewed', 'Page Viewed twice', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*a', 'aba', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'axxbxxc', true],
    ['a*b*c', 'acb', false],
    ['a*bc*c', 'abc', false],
    ['*b*b*', 'ab', false],
    ['*b*b*', 'abab', true],
    ['a**b', 'ab', true],
    ['A.*', 'A.b', true],
    ['A.*', 'Axb', false],
    [['A', 'B*'], 'A', true],
    [['A', 'B*'], 'Bee', true],
    [['A', 'B*'], 'AB', false],
  ])('%j matches "%s": %p', (pattern, name, wanted) => {
    expect(matches(pattern, name)).toBe(wanted)
  })

  it('matches any characters, also line breaks, for each star', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.', '\n'), maxLength: 6 })
    fc.assert(
      fc.property(texts, texts, (pattern, name) => {
        const reference = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^]*')}$`)
        expect(matches(pattern, name)).toBe(reference.test(name))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a signal', () => {
  it('has a test of the event if it has a where', () => {
    const { where } = compileSignal('s', { event: '*', where: { 'properties.n': { gt: 1 }, event: 'A' } })
    expect(where?.({ event: 'A', properties: { n: 2 } })).toBe(true)
    expect(where?.({ event: 'A', properties: { n: 1 } })).toBe(false)
    expect(where?.({ event: 'B', properties: { n: 2 } })).toBe(false)
    expect(compileSignal('s', { event: 'A' }).where).toBeUndefined()
  })
})
