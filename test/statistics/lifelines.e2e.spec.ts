import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { CurvePoint, Quantiles, SurvivalCurve } from '../../libs/history/src/statistics/survival-curve.ts'
import { lifelinesPython } from '../../scripts/lifelines.ts'
import { anyDurations, curveOf, type Durations, differenceOfWays, type Reference, withoutTiedWays } from './durations.ts'

type Name = 'atRisk' | 'events' | 'censored' | 'survival' | 'lower' | 'upper'
type LifelinesCurve = Reference & Record<Name, readonly number[]> & { readonly quantiles: Quantiles }

const isLong = process.env['RONDO_TEST_LONG'] !== undefined
const seed = Number(process.env['RONDO_TEST_SEED'] ?? 12)
const sizes = [1, 1, 2, 3, 5, 8, 13, 21, 50, 100, 200, 400]
const cases = Array.from({ length: isLong ? 2000 : 60 }, (_, n) => anyDurations(seed * 10_000 + n, sizes[n % sizes.length] as number))
/** More distinct durations than a curve has points. */
const large = [anyDurations(3, isLong ? 20_000 : 3_000), anyDurations(8, isLong ? 20_000 : 3_000)]
const all: readonly Durations[] = [...cases, ...cases.map(withoutTiedWays), ...large.map(withoutTiedWays)]

function lifelines(durations: readonly Durations[]): LifelinesCurve[] {
  if (!existsSync(lifelinesPython)) throw new Error('lifelines is not installed. This installs it: npm test -- --only build,e2e lifelines')
  const { status, stdout, stderr } = spawnSync(lifelinesPython, ['-B', join(import.meta.dirname, 'lifelines_curves.py')], {
    input: JSON.stringify(durations),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** Lifelines has a point at 0 in any case. */
const pointsOf = ({ points }: SurvivalCurve, reference: LifelinesCurve): readonly (CurvePoint | undefined)[] =>
  reference.ms.map((ms) => points.find((point) => point.ms === ms))

function expectPoint(point: CurvePoint, reference: LifelinesCurve, { index, counts }: { index: number; counts: readonly (number | undefined)[] }): void {
  expect([point.atRisk, point.events, point.censored]).toEqual(counts)
  for (const name of ['survival', 'lower', 'upper'] as const) expect(Math.abs(point[name] - (reference[name][index] as number))).toBeLessThan(1e-9)
}

describe('survival', () => {
  const curves: SurvivalCurve[] = []
  let references: LifelinesCurve[] = []
  beforeAll(() => {
    references = lifelines(all)
    for (const durations of all) curves.push(curveOf(durations))
  })
  const pairs = () => curves.map((curve, index) => [curve, references[index] as LifelinesCurve] as const)

  it('is that of lifelines: those at risk, the curve and its band', () => {
    for (const [curve, reference] of pairs().filter(([{ thinned }]) => !thinned))
      for (const [index, point] of pointsOf(curve, reference).entries()) {
        const counts = [reference.atRisk[index], reference.events[index], reference.censored[index]]
        if (point === undefined) expect([reference.ms[index], ...counts.slice(1)]).toEqual([0, 0, 0])
        else expectPoint(point, reference, { index, counts })
      }
  })

  it('has the quantiles and the interval of the median that lifelines has', () => {
    expect(curves.map(({ quantiles }) => quantiles)).toEqual(references.map(({ quantiles }) => quantiles))
    expect(curves.filter(({ quantiles }) => quantiles.medianUpper !== null).length).toBeGreaterThan(10)
    expect(curves.filter(({ quantiles }) => quantiles.median === null).length).toBeGreaterThan(10)
  })

  it('has the cumulative incidence of each way out, and its band, that lifelines has where no ways are tied', () => {
    const compared = pairs().filter(([, { ways }]) => ways !== undefined)
    expect(compared.length).toBeGreaterThan(cases.length)
    for (const [curve, reference] of compared) expect(differenceOfWays(curve, reference)).toBeLessThan(1e-9)
  })

  it('leaves out points of a long curve and moves none', () => {
    const long = pairs().filter(([{ thinned }]) => thinned)
    expect(long.length).toBeGreaterThan(0)
    for (const [{ points, distinct }, reference] of long) {
      expect(points.length).toBeLessThanOrEqual(500)
      expect(distinct).toBeGreaterThan(500)
      let from = 0
      for (const point of points) {
        const index = reference.ms.indexOf(point.ms)
        const between = (name: Name): readonly number[] => reference[name].slice(from, index + 1)
        const sum = (name: Name): number => between(name).reduce((a, b) => a + b, 0)
        expectPoint(point, reference, { index, counts: [reference.atRisk[index], sum('events'), sum('censored')] })
        // Lifelines has a point at 0, which is in the cell of the first one or is it.
        if (from > 0) expect(Math.max(...between('survival')) - point.survival).toBeLessThanOrEqual(1 / 240)
        from = index + 1
      }
    }
  })
})
