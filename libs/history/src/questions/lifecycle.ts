import type { HistoryReader } from '../history-reader.ts'
import { type Period, type PeriodRange, periodsOf } from '../periods.ts'
import { type LifecycleCount, LifecycleCounts } from '../statistics/lifecycle-counts.ts'
import { actorNumbersEnd, visitActiveBefore, visitActivePeriods } from './active-periods.ts'
import type { TraitFilter } from './trait-filter.ts'

/** The actors of one period. Who was active in it is new, returning or resurrecting. */
export interface PeriodLifecycle extends LifecycleCount {
  readonly period: Period
  /** Whether the period had ended, as far as history is complete: before that, who was not active yet counts as dormant. */
  readonly complete: boolean
  /** The shares of those who were active; null if nobody was. */
  readonly shares: Readonly<Record<'new' | 'returning' | 'resurrecting', number>> | null
  /** How many came for each one who did not come again: (new + resurrecting) / dormant; null if nobody became dormant. */
  readonly quickRatio: number | null
}

/** What {@link lifecycleBy} is asked. */
export interface LifecycleQuestion {
  readonly range: PeriodRange
  readonly where?: readonly TraitFilter[] | undefined
}

/** New, returning, resurrecting and dormant actors of each period. */
export async function lifecycleBy(reader: HistoryReader, { range, where }: LifecycleQuestion): Promise<PeriodLifecycle[]> {
  const asked = periodsOf(range)
  const begin = (asked[0] as Period).from
  const periods = [...periodsOf({ ...range, from: begin - 1, until: begin }), ...asked]
  return await reader.snapshot(async (snapshot) => {
    const asOf = await snapshot.asOf()
    const counts = new LifecycleCounts({ actors: await actorNumbersEnd(snapshot), periods: periods.length })
    await visitActiveBefore(snapshot, { before: (periods[0] as Period).from, where }, (actor) => counts.addEarlier(actor))
    await visitActivePeriods(snapshot, { periods, where }, (actor, period) => counts.add(actor, period))
    return counts.counts().map((count, index) => periodLifecycle(count, asked[index] as Period, asOf))
  })
}

function periodLifecycle(count: LifecycleCount, period: Period, asOf: number): PeriodLifecycle {
  const { new: added, returning, resurrecting, dormant } = count
  const active = added + returning + resurrecting
  return {
    period,
    ...count,
    complete: period.until <= asOf,
    shares: active === 0 ? null : { new: added / active, returning: returning / active, resurrecting: resurrecting / active },
    quickRatio: dormant === 0 ? null : (added + resurrecting) / dormant,
  }
}
