import { DAY_MS } from '#cycle'
import type { HistoryReader } from '../history-reader.ts'
import { type Period, type PeriodRange, periodsOf } from '../periods.ts'
import { MONTH_DAYS, RollingActors, type RollingCount } from '../statistics/rolling-actors.ts'
import { actorNumbersEnd, visitActivePeriods } from './active-periods.ts'
import type { TraitFilter } from './trait-filter.ts'

/** The active actors of one day. */
export interface DayActivity extends RollingCount {
  readonly day: Period
  /** Whether the day had ended, as far as history is complete. */
  readonly complete: boolean
  /** `dau / mau`: the share of those of the month that were active on this day; null if there were none. */
  readonly stickiness: number | null
}

/** What {@link activityBy} is asked. */
export interface ActivityRange {
  readonly range: Omit<PeriodRange, 'by'>
  readonly where?: readonly TraitFilter[] | undefined
}

/** How many different actors were active on each local day, and in the 7 and 30 days that end with it. */
export async function activityBy(reader: HistoryReader, { range, where }: ActivityRange): Promise<DayActivity[]> {
  const asked = periodsOf({ ...range, by: 'day' })
  const begin = (asked[0] as Period).from
  const before = periodsOf({ ...range, by: 'day', from: begin - (MONTH_DAYS + 1) * DAY_MS, until: begin }).slice(1 - MONTH_DAYS)
  return await reader.snapshot(async (snapshot) => {
    const asOf = await snapshot.asOf()
    const periods = [...before, ...asked]
    const rolling = new RollingActors({ actors: await actorNumbersEnd(snapshot), days: periods.length })
    await visitActivePeriods(snapshot, { periods, where }, (actor, day) => rolling.add(actor, day))
    return rolling
      .counts()
      .slice(before.length)
      .map((count, index) => {
        const day = asked[index] as Period
        return { day, ...count, complete: day.until <= asOf, stickiness: count.mau === 0 ? null : count.dau / count.mau }
      })
  })
}
