import type { Instant } from '#contracts'
import { DAY_MS } from '#cycle'
import type { HistoryReader } from '../history-reader.ts'
import { type Period, type PeriodLength, type PeriodRange, periodsOf } from '../periods.ts'
import { RetentionTriangle } from '../statistics/retention-triangle.ts'
import { actorNumbersEnd, visitActiveBefore, visitActivePeriods } from './active-periods.ts'
import type { TraitFilter } from './trait-filter.ts'

/** The actors that were active for the first time in one period. */
export interface CohortRetention {
  readonly period: Period
  readonly size: number
  /** How many of them were active in this period and in those after it, as far as they have begun. */
  readonly active: readonly number[]
  /** How many of these periods have ended, as far as history is complete. */
  readonly completePeriods: number
}

/** What {@link retentionBy} is asked. */
export interface RetentionQuestion {
  /** The periods of the cohorts. */
  readonly range: PeriodRange
  /** How many periods after its first one each cohort is followed. */
  readonly periods: number
  readonly where?: readonly TraitFilter[] | undefined
}

/** No period is longer. */
const LONGEST_MS: Readonly<Record<PeriodLength, number>> = { hour: DAY_MS / 24, day: 2 * DAY_MS, week: 8 * DAY_MS, month: 32 * DAY_MS }

/** Of those who came for the first time in a period: how many came again in each of the periods after it. */
export async function retentionBy(reader: HistoryReader, { range, periods: after, where }: RetentionQuestion): Promise<CohortRetention[]> {
  const cohorts = periodsOf(range)
  return await reader.snapshot(async (snapshot) => {
    const asOf = await snapshot.asOf()
    const periods = [...cohorts, ...followingPeriods(range, { begin: (cohorts.at(-1) as Period).until, count: after, asOf })]
    const triangle = new RetentionTriangle({ actors: await actorNumbersEnd(snapshot), cohorts: cohorts.length, columns: after + 1 })
    await visitActiveBefore(snapshot, { before: (periods[0] as Period).from, where }, (actor) => triangle.addEarlier(actor))
    await visitActivePeriods(snapshot, { periods, where }, (actor, period) => triangle.add(actor, period))
    return triangle.cohorts().map(({ size, active }, cohort) => {
      const followed = periods.slice(cohort, cohort + after + 1)
      const begun = followed.filter(({ from }) => from < asOf).length
      return {
        period: cohorts[cohort] as Period,
        size,
        active: active.slice(0, begun),
        completePeriods: followed.filter(({ until }) => until <= asOf).length,
      }
    })
  })
}

/** The periods after those of the cohorts that have begun. */
function followingPeriods(range: PeriodRange, { begin, count, asOf }: { readonly begin: Instant; readonly count: number; readonly asOf: Instant }): Period[] {
  const until = Math.min(asOf, begin + count * LONGEST_MS[range.by])
  return until <= begin ? [] : periodsOf({ ...range, from: begin, until }).slice(0, count)
}
