import { describe, expect, it } from '@jest/globals'
import type { Comparison } from '#contracts'
import { compileComparison } from './comparison.ts'

const values = {
  five: 5,
  text: 'b',
  yes: true,
  no: false,
  zero: 0,
  empty: '',
  list: [1],
  nothing: null,
  missing: undefined,
  wide: '\u{FFFD}',
  astral: '\u{10000}',
}

/** The names of the values that a comparison accepts. */
const accepted = (comparison: Comparison): string[] => {
  const test = compileComparison(comparison)
  return Object.entries(values).flatMap(([name, value]) => (test(value) ? [name] : []))
}
const allBut = (...names: string[]): string[] => Object.keys(values).filter((name) => !names.includes(name))

describe('a comparison', () => {
  it.each<[Comparison, string[]]>([
    [5, ['five']],
    ['b', ['text']],
    [true, ['yes']],
    ['5', []],
    [null, []],
    [{ eq: 0 }, ['zero']],
    [{ eq: null }, []],
    [{ ne: 5 }, allBut('five')],
    [{ ne: null }, allBut()],
    [{ in: [5, 'b', null] }, ['five', 'text']],
    [{ in: [true] }, ['yes']],
    [{ gt: 0 }, ['five']],
    [{ gte: 0 }, ['five', 'zero']],
    [{ lt: 5 }, ['zero']],
    [{ lte: 5 }, ['five', 'zero']],
    [{ gt: 'b' }, ['wide', 'astral']],
    [{ gte: 'b' }, ['text', 'wide', 'astral']],
    [{ lt: 'b' }, ['empty']],
    [{ lte: 'b' }, ['text', 'empty']],
    [{ lt: '\u{10000}' }, ['text', 'empty', 'wide']],
    [{ exists: true }, allBut('nothing', 'missing')],
    [{ exists: false }, ['nothing', 'missing']],
    [{ matches: 'b|c' }, ['text']],
    [{ matches: '' }, ['empty']],
    [{ matches: '.*' }, ['text', 'empty', 'wide', 'astral']],
    [{ gt: 0, lt: 5 }, []],
    [{ gte: 0, lt: 5, ne: 5 }, ['zero']],
    [{ exists: true, ne: 5, in: [5, 0] }, ['zero']],
    [{}, allBut()],
  ])('%j accepts the right values', (comparison, wanted) => {
    expect(accepted(comparison)).toEqual(wanted)
  })

  it('ignores operators that are undefined', () => {
    expect(accepted({ gt: undefined, eq: 5 } as unknown as Comparison)).toEqual(['five'])
  })
})
