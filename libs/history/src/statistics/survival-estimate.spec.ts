import { describe, expect, it } from '@jest/globals'
import { anyDurations, curveOf } from '../../../../test/statistics/durations.ts'
import { SurvivalEstimate } from './survival-estimate.ts'

/** Weeks of remission of 21 children with leukemia under 6-MP (Freireich 1963); a plus in the publication, for still in remission, is way 0 here. */
const remission = {
  ms: [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
  ways: [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
}

describe('the survival of the published example', () => {
  it('has the shares and the median of the textbooks', () => {
    const { points, quantiles } = curveOf(remission)
    const published = { 6: '0.857', 7: '0.807', 10: '0.753', 13: '0.690', 16: '0.627', 22: '0.538', 23: '0.448' }
    expect(Object.fromEntries(points.filter(({ events }) => events > 0).map(({ ms, survival }) => [ms, survival.toFixed(3)]))).toEqual(published)
    expect(quantiles).toEqual({ p25: 13, median: 23, p75: null, p90: null, medianLower: 13, medianUpper: null })
  })

  it('counts who was at risk, who left and who was seen for the last time', () => {
    const { points, subjects, events } = curveOf(remission)
    expect([subjects, events]).toEqual([21, 9])
    expect(points.slice(0, 3).map(({ ms, atRisk, events: left, censored }) => [ms, atRisk, left, censored])).toEqual([
      [6, 21, 3, 1],
      [7, 17, 1, 0],
      [9, 16, 0, 1],
    ])
  })
})

describe('a survival estimate', () => {
  it('says nothing of no durations', () => {
    const { points, ...rest } = new SurvivalEstimate({ subjects: 0, longestMs: 0, ways: 2 }).curve()
    expect(points).toEqual([])
    expect(rest).toMatchObject({ subjects: 0, events: 0, distinct: 0, thinned: false, quantiles: { median: null, medianUpper: null } })
  })

  it('stays at 1 if nobody left', () => {
    const { points, quantiles } = curveOf({ ms: [3, 3, 5], ways: [0, 0, 0] })
    expect(points.map(({ survival, lower, upper }) => [survival, lower, upper])).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
    expect(Object.values(quantiles)).toEqual([null, null, null, null, null, null])
  })

  it('falls to 0 when the last one leaves, and reaches one half exactly', () => {
    const { points, quantiles } = curveOf({ ms: [1, 2, 3, 4, 5, 6], ways: [1, 1, 1, 1, 1, 1] })
    expect(points.at(-1)).toMatchObject({ survival: 0, lower: 0, upper: 0, atRisk: 1 })
    expect(quantiles).toMatchObject({ median: 3, p90: 6 })
  })

  it('has shares of all ways out that sum up with those who remain to 1, inside their bands', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const { points } = curveOf(anyDurations(seed, 1 + (seed % 60)))
      for (const { survival, lower, upper, ways } of points) {
        expect(ways.reduce((sum, { incidence }) => sum + incidence, survival)).toBeCloseTo(1, 12)
        for (const [share, low, high] of [[survival, lower, upper] as const, ...ways.map((way) => [way.incidence, way.lower, way.upper] as const)]) {
          expect(low).toBeLessThanOrEqual(share)
          expect(high).toBeGreaterThanOrEqual(share)
          expect(low).toBeGreaterThanOrEqual(0)
          expect(high).toBeLessThanOrEqual(1)
        }
      }
    }
  })

  it('keeps at most 500 points of many, whose events and censored durations sum up to all', () => {
    for (const seed of [2, 8, 11]) {
      const durations = anyDurations(seed, 5000)
      const curve = curveOf(durations)
      const left = durations.ways.filter((way) => way > 0).length
      expect(curve.points.length).toBeLessThanOrEqual(500)
      expect(curve.points.reduce((sum, { events }) => sum + events, 0)).toBe(left)
      expect(curve.points.reduce((sum, { censored }) => sum + censored, 0)).toBe(5000 - left)
      expect(curve.points.at(-1)?.ms).toBe(Math.max(...durations.ms))
      expect(curve.thinned).toBe(curve.distinct > 500)
    }
  })
})
