import { z } from 'zod'
import { formatInstant, instantSchema } from '#contracts'
import { activityBy } from '#history'
import { readQuery } from '../answers/query.ts'
import { type AskedHistory, checkTraits, historyAsOf } from './asked-history.ts'
import { durationsQuery } from './durations.ts'
import { askedRange, rangeHead } from './ranges.ts'

const count = z.int().nonnegative()
const itemSchema = z.strictObject({
  day: instantSchema.meta({ description: 'when the local day began' }),
  complete: z.boolean().meta({ description: 'whether it had ended' }),
  dau: count.meta({ description: 'different actors on this day' }),
  wau: count.meta({ description: 'in the 7 days that end with it' }),
  mau: count.meta({ description: 'in the 30 days that end with it' }),
  stickiness: z.number().min(0).max(1).nullable().meta({ description: 'dau / mau; null if mau is 0' }),
})
export const activityAnswer = rangeHead.extend({ items: z.array(itemSchema) })
export const activityQuery = durationsQuery

/** How many different actors were active on each day, and up to it. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function activityIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof activityAnswer>> {
  const { where, ...parameters } = readQuery(activityQuery, query)
  const { range, head } = askedRange(asked, { ...parameters, by: 'day' })
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const items = (await activityBy(reader, { range, where })).map(({ day, ...counts }) => ({ day: formatInstant(day.from), ...counts }))
    return { ...head, asOf: await historyAsOf(reader, asked.clock), items }
  })
}
