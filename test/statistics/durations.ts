import { codesOf, PackedDurations } from '../../libs/history/src/statistics/packed-durations.ts'
import type { SurvivalCurve } from '../../libs/history/src/statistics/survival-curve.ts'
import { SeededRandom } from '../fixtures/seeded-random.ts'

/** Durations as the programs of this folder read them. Way 0 is censored, other ways are those out. */
export interface Durations {
  readonly ms: readonly number[]
  readonly ways: readonly number[]
}

/** A curve as one of these programs writes it. Null: not a number, or never. */
export interface Reference {
  readonly ms: readonly number[]
  readonly ways?: readonly Record<'incidence' | 'lower' | 'upper', readonly (number | null)[]>[]
}

const waysOf = ({ ways }: Durations): number => Math.max(0, ...ways)

/** The curve of this repository. */
export function curveOf(durations: Durations, ways = waysOf(durations)): SurvivalCurve {
  const codes = codesOf(ways)
  const packed = durations.ms.map((ms, index) => ms * codes + (durations.ways[index] === 0 ? ways : (durations.ways[index] as number) - 1))
  const read = new PackedDurations({ subjects: packed.length, longestMs: Math.max(0, ...durations.ms), ways })
  read.take(Float64Array.from(packed).sort())
  return read.curve()
}

/** Durations of any kind: few and many, tied and not, in no, some and all cases censored, with one or several ways out, and some of no length. */
export function anyDurations(seed: number, size: number): Durations {
  const random = new SeededRandom(seed)
  const ways = random.between(1, 4)
  const censored = random.pick([0, 0.1, 0.5, 0.9, 1])
  const isTied = random.share() < 0.5
  const ms = Array.from({ length: size }, () => Math.floor(-Math.log(1 - random.share()) * (isTied ? 8 : 1e9)) + (random.share() < 0.5 ? 1 : 0))
  return { ms, ways: ms.map(() => (random.share() < censored ? 0 : random.between(1, ways))) }
}

/** The same durations with no tie of different ways, and none of no length. */
export function withoutTiedWays({ ms, ways }: Durations): Durations {
  const wayAt = new Map<number, number>()
  for (const [index, way] of ways.entries()) if (way > 0) wayAt.set(ms[index] as number, way)
  return { ms: ms.map((each) => each + 1), ways: ways.map((way, index) => (way === 0 ? 0 : (wayAt.get(ms[index] as number) as number))) }
}

/** How far the numbers of a curve are from those of the reference, at most; where the reference has none, nothing is compared. */
export function differenceOfWays(curve: SurvivalCurve, reference: Reference): number {
  const points = new Map(curve.points.map((point) => [point.ms, point]))
  const differences = reference.ms.flatMap((ms, index) => {
    const point = points.get(ms)
    if (point === undefined) return []
    return (reference.ways ?? []).flatMap((expected, way) =>
      (['incidence', 'lower', 'upper'] as const).map((name) => {
        const value = expected[name][index]
        return typeof value === 'number' ? Math.abs(value - (point.ways[way]?.[name] ?? Number.NaN)) : 0
      }),
    )
  })
  return Math.max(0, ...differences)
}
