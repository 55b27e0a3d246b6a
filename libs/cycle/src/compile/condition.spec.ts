import { describe, expect, it } from '@jest/globals'
import type { Condition } from '#contracts'
import { compileCondition, subjectsOf } from './condition.ts'

/** Conditions on the letters of a word: a letter that is in the word is "true". */
const holdsFor = (condition: Condition, word: string): boolean =>
  compileCondition<string>(condition, (letter, wanted) => (at) => at.includes(letter) === wanted)(word)

describe('a condition (rule 15)', () => {
  it.each<[Condition, string, boolean]>([
    [{}, '', true],
    [{ a: true }, 'a', true],
    [{ a: true }, 'b', false],
    [{ a: true, b: true }, 'ab', true],
    [{ a: true, b: true }, 'a', false],
    [{ a: true, b: true }, 'b', false],
    [{ a: true, b: true, c: true }, 'abc', true],
    [{ a: true, b: true, c: true }, 'ab', false],
    [{ all: [] }, '', true],
    [{ all: [{ a: true }, { b: true }] }, 'ab', true],
    [{ all: [{ a: true }, { b: true }] }, 'b', false],
    [{ any: [{ a: true }, { b: true }] }, 'b', true],
    [{ any: [{ a: true }, { b: true }] }, 'c', false],
    [{ any: [] }, 'a', false],
    [{ not: { a: true } }, 'b', true],
    [{ not: { a: true } }, 'a', false],
    [{ not: { a: true, b: true } }, 'a', true],
    [{ not: { any: [{ a: true }, { all: [{ b: true }, { c: true }] }] } }, 'b', true],
    [{ not: { any: [{ a: true }, { all: [{ b: true }, { c: true }] }] } }, 'bc', false],
    [{ c: true, any: [{ a: true }, { b: true }], not: { d: true } }, 'bc', true],
    [{ c: true, any: [{ a: true }, { b: true }], not: { d: true } }, 'bcd', false],
    [{ a: undefined, b: true } as unknown as Condition, 'b', true],
  ])('%j of "%s" is %p', (condition, word, wanted) => {
    expect(holdsFor(condition, word)).toBe(wanted)
  })

  it('gives its subjects at every depth', () => {
    const condition = { a: 1, all: [{ b: 1 }, { any: [{ c: 1 }] }], not: { d: 1, not: { e: 1 } }, absent: undefined } as unknown as Condition
    expect(subjectsOf(condition)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})
