import { describe, expect, it } from '@jest/globals'
import type { Condition } from '#contracts'
import { holds, valueAt } from './condition.ts'
import { event } from './example.ts'

const properties = { n: 5, text: 'b', none: null, list: [{ k: 1 }], flag: true, '0': 'zero', wide: '\u{FFFD}' }
const decide = (condition: Condition): boolean => holds(condition, (path) => valueAt(event(0, { properties }), path))

describe('a condition', () => {
  it.each<[Condition]>([
    [{}],
    [{ event: 'A' }],
    [{ 'properties.n': 5, 'properties.text': 'b' }],
    [{ 'properties.n': { gt: 4, lt: 6, gte: 5, lte: 5 } }],
    [{ 'properties.list.0.k': 1, 'properties.0': 'zero' }],
    [{ 'properties.none': { ne: 1, exists: false } }],
    [{ 'properties.none': { ne: null } }],
    [{ 'properties.missing.deeper': { exists: false } }],
    [{ 'properties.n': { ne: '5' } }],
    [{ 'properties.list': { exists: true, ne: 'x' } }],
    [{ 'properties.text': { in: ['a', 'b'], matches: 'a|b' } }],
    [{ 'properties.wide': { lt: '\u{10000}' } }],
    [{ not: { 'properties.missing': { lt: 9 } } }],
    [{ any: [{ 'properties.n': 1 }, { 'properties.flag': true }], all: [{ event: { matches: '[A-Z]' } }] }],
  ])('holds: %j', (condition) => {
    expect(decide(condition)).toBe(true)
  })

  it.each<[Condition]>([
    [{ 'properties.n': '5' }],
    [{ 'properties.n': { lt: '9' } }],
    [{ 'properties.flag': { gte: 0 } }],
    [{ 'properties.none': null }],
    [{ 'properties.none': { in: [null] } }],
    [{ 'properties.missing': { lt: 9 } }],
    [{ 'properties.toString': { exists: true } }],
    [{ 'properties.list.length': { exists: true } }],
    [{ 'properties.list.00.k': 1 }],
    [{ 'properties.text.0': 'b' }],
    [{ 'properties.text': { matches: '' } }],
    [{ 'properties.n': { matches: '5' } }],
    [{ 'properties.n': { gt: 4, lt: 5 } }],
    [{ event: 'a' }],
    [{ n: 5 }],
  ])('does not hold: %j', (condition) => {
    expect(decide(condition)).toBe(false)
  })
})
