import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { curveOf, type Durations, differenceOfWays, type Reference } from './durations.ts'

interface Kept {
  readonly cases: readonly Durations[]
  readonly expected: readonly Reference[]
}
const { cases, expected } = JSON.parse(readFileSync(new URL('tied-ways.json', import.meta.url), 'utf8')) as Kept

/** Whether different ways out have one duration somewhere, which lifelines cannot read. */
const hasTiedWays = ({ ms, ways }: Durations): boolean => {
  const pairs = new Set(ms.flatMap((each, index) => (ways[index] === 0 ? [] : [`${each} ${ways[index]}`])))
  return new Set([...pairs].map((pair) => pair.split(' ')[0])).size < pairs.size
}

describe('the cumulative incidences of ways out', () => {
  it('are those that scikit-survival has, also where durations are tied', () => {
    expect(cases.filter(hasTiedWays).length).toBeGreaterThan(20)
    expect(expected.filter(({ ways = [] }) => ways.some(({ upper }) => upper.some((edge) => edge !== null))).length).toBeGreaterThan(20)
    for (const [index, durations] of cases.entries()) {
      const curve = curveOf(durations)
      expect(differenceOfWays(curve, expected[index] as Reference)).toBeLessThan(1e-9)
      expect((expected[index] as Reference).ms.length).toBe(curve.distinct)
    }
  })
})
