import type { Instant } from '#contracts'
import type { StageAccounts } from '#projections'
import type { Difference, StageChange } from './stage-differences.ts'

export const HOUR_MS = 3_600_000

/** Some hours, one after the other, and what became of each stage in each of them. */
export type HourChanges = ReadonlyMap<Instant, ReadonlyMap<string, StageChange>>

/** What became of each stage in each of some hours, from the counts of now and the flows since. */
export function hourChanges({ stages, flows }: StageAccounts, hours: readonly Instant[]): HourChanges {
  const ids = new Set([...stages.keys(), ...flows.flatMap(({ from, to }) => [from, to])])
  const sums = new Map<string, number>()
  const sumOf = (hour: Instant, end: 'from' | 'to', stage: string): number => sums.get(`${hour} ${end} ${stage}`) ?? 0
  for (const { hour, transitions, ...flow } of flows)
    for (const end of ['from', 'to'] as const) sums.set(`${hour} ${end} ${flow[end]}`, sumOf(hour, end, flow[end]) + transitions)
  const newest = Math.max(...hours)
  const present = new Map([...ids].map((stage) => [stage, stages.get(stage)?.counted ?? 0]))
  for (const { hour, from, to, transitions } of flows) {
    if (hour <= newest) continue
    present.set(to, (present.get(to) ?? 0) - transitions)
    present.set(from, (present.get(from) ?? 0) + transitions)
  }
  const changes = new Map<Instant, ReadonlyMap<string, StageChange>>()
  for (const hour of [...hours].sort((a, b) => b - a)) {
    const ofHour = [...ids].map((stage): [string, StageChange] => {
      const [after, entered, left] = [present.get(stage) ?? 0, sumOf(hour, 'to', stage), sumOf(hour, 'from', stage)]
      present.set(stage, after - entered + left)
      return [stage, { before: after - entered + left, entered, left, after }]
    })
    changes.set(hour, new Map(ofHour))
  }
  return changes
}

/** Changes that were found before and after another reading of the same hours. */
interface Comparison {
  readonly earlier: HourChanges
  readonly history: HourChanges
  readonly later: HourChanges
}

const NONE: StageChange = { before: 0, entered: 0, left: 0, after: 0 }
const compared = ['after', 'entered', 'left'] as const

/**
 * Compares history with two live readings, one of a state before its own and one of a state after it. Numbers that a correction changed between the two are
 * passed over. `equal` and `passedOver` are numbers of stages in hours.
 */
export function historyDifferences({ earlier, history, later }: Comparison): { readonly differences: Difference[]; equal: number; passedOver: number } {
  const result = { differences: [] as Difference[], equal: 0, passedOver: 0 }
  for (const [hour, ofHistory] of history) {
    const [first, second] = [earlier.get(hour), later.get(hour)]
    if (first === undefined || second === undefined) continue
    for (const stage of new Set([...first.keys(), ...second.keys(), ...ofHistory.keys()])) {
      if (stage === 'start') continue
      const changes = { live: first.get(stage) ?? NONE, later: second.get(stage) ?? NONE, history: ofHistory.get(stage) ?? NONE }
      const found = comparedStage(changes)
      if (typeof found === 'string') result[found] += 1
      else result.differences.push({ check: 'history', stage, from: hour, until: hour + HOUR_MS, live: changes.live, ...found })
    }
  }
  return result
}

/** What became of one stage in one hour, by each of three readings. */
interface StageReadings {
  readonly live: StageChange
  readonly later: StageChange
  readonly history: StageChange
}

function comparedStage({ live, later, history }: StageReadings): Pick<Difference, 'expected' | 'difference'> | 'equal' | 'passedOver' {
  if (compared.some((part) => live[part] !== later[part])) return 'passedOver'
  const unequal = compared.find((part) => live[part] !== history[part])
  return unequal === undefined ? 'equal' : { expected: history[unequal], difference: live[unequal] - history[unequal] }
}
