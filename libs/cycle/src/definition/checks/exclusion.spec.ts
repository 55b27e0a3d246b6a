import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Condition } from '#contracts'
import { compileComparison } from '../../compile/comparison.ts'
import { compileCondition } from '../../compile/condition.ts'
import { excludeEachOther } from './exclusion.ts'

const boundArb = fc.constantFrom(0, 1, 2)
const operatorsArb = fc.record({ gt: boundArb, gte: boundArb, lt: boundArb, lte: boundArb, ne: boundArb, eq: boundArb }, { requiredKeys: [] })
const listArb = fc.array(fc.constantFrom(0, 1, 2, 'a'), { minLength: 1, maxLength: 2 }).map((list) => ({ in: list }))
const conditionArb: fc.Arbitrary<Condition> = fc.oneof(operatorsArb, listArb).map((x) => ({ x }))

describe('exclude', () => {
  it.each<[Condition | undefined, Condition | undefined, boolean]>([
    [{ x: 1 }, { x: 2 }, true],
    [{ x: 1 }, { x: 1 }, false],
    [{ x: 'a' }, { x: 'b' }, true],
    [{ x: 1 }, { y: 2 }, false],
    [{ x: 1, y: 1 }, { y: 2 }, true],
    [{ x: 1 }, undefined, false],
    [{ x: 1 }, { x: { in: [2, 3] } }, true],
    [{ x: 1 }, { x: { in: [1, 2] } }, false],
    [{ x: { in: [1, 2] } }, { x: { in: [3, 4] } }, true],
    [{ x: { in: [1, 2] } }, { x: { gt: 2 } }, true],
    [{ x: { in: [1, 2] } }, { x: { gte: 2 } }, false],
    [{ x: { in: [1, 2] } }, { x: { lt: 1 } }, true],
    [{ x: { in: [1, 2] } }, { x: { lte: 1 } }, false],
    [{ x: 1 }, { x: { ne: 1 } }, true],
    [{ x: 2 }, { x: { ne: 1 } }, false],
    [{ x: { lt: 3 } }, { x: { gte: 3 } }, true],
    [{ x: { lte: 3 } }, { x: { gt: 3 } }, true],
    [{ x: { lte: 3 } }, { x: { gte: 3 } }, false],
    [{ x: { lte: 2 } }, { x: { gte: 3 } }, true],
    [{ x: { lt: 4 } }, { x: { gt: 3 } }, false],
    [{ x: { lt: 'a' } }, { x: { gt: 'b' } }, false],
    [{ x: { ne: 1 } }, { x: { ne: 1 } }, false],
    [{ all: [{ y: 1 }, { all: [{ x: 1 }] }] }, { x: 2 }, true],
    [{ any: [{ x: 1 }] }, { x: 2 }, false],
    [{ not: { x: 1 } }, { x: 2 }, false],
  ])('%j and %j: %p', (a, b, wanted) => {
    expect([excludeEachOther(a, b), excludeEachOther(b, a)]).toEqual([wanted, wanted])
  })

  it('is true only for conditions that never hold together', () => {
    const valueArb = fc.constantFrom(-1, 0, 0.5, 1, 1.5, 2, 3, 'a', undefined)
    const holds = (condition: Condition, value: unknown): boolean => compileCondition(condition, (_, comparison) => compileComparison(comparison))(value)
    fc.assert(
      fc.property(conditionArb, conditionArb, valueArb, (a, b, value) => {
        if (excludeEachOther(a, b)) expect(holds(a, value) && holds(b, value)).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })
})
