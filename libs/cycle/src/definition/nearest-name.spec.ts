import { describe, expect, it } from '@jest/globals'
import { nearestName, suggestion } from './nearest-name.ts'

describe('the nearest name', () => {
  it.each<[string, string, boolean]>([
    ['order', 'order', true],
    ['ORDER', 'order', true],
    ['ordr', 'order', true],
    ['orderr', 'order', true],
    ['xorder', 'order', true],
    ['oxder', 'order', true],
    ['odrer', 'order', true],
    ['from', 'form', true],
    ['a', 'b', true],
    ['a', 'bc', false],
    ['abcd', 'badc', false],
    ['abxx', 'bcxx', false],
    ['bcxx', 'abxx', false],
    ['abcde', 'abcxx', false],
    ['abcdef', 'abcdxx', true],
    ['abcdef', 'abcxxx', false],
    ['badcxx', 'abcdxx', true],
    ['abcdefghi', 'xyzdefghi', true],
    ['abcdefghi', 'wxyzefghi', false],
    ['abcdef', 'abcdefghi', true],
    ['abcdef', 'abcdefghij', false],
  ])('of "%s" is "%s": %p', (name, known, wanted) => {
    expect(nearestName(name, [known])).toBe(wanted ? known : undefined)
    expect(nearestName(known, [name])).toBe(wanted ? name : undefined)
  })

  it('is the name with the fewest typing errors, and the first of equally near names', () => {
    expect(nearestName('returns', ['retains', 'return', 'returnz'])).toBe('return')
    expect(nearestName('absence', ['presence', 'abcence'])).toBe('abcence')
    expect(nearestName('x', [])).toBeUndefined()
  })
})

describe('a suggestion', () => {
  it('is the nearest name, or the list of all known names, each once', () => {
    expect(suggestion('vist', ['visit', 'order'], 'signals')).toBe('; did you mean "visit"?')
    expect(suggestion('other', ['visit', 'buy', 'visit'], 'signals')).toBe('; signals are visit, buy')
    expect(suggestion('other', [], 'signals')).toBe('; there are no signals')
  })
})
