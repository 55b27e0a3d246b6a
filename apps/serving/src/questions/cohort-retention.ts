import { z } from 'zod'
import { formatInstant, instantSchema } from '#contracts'
import { retentionBy } from '#history'
import { readQuery, unusable, wholeNumber } from '../answers/query.ts'
import { type AskedHistory, checkTraits, historyAsOf } from './asked-history.ts'
import { askedRange, rangeHead, rangeQuery } from './ranges.ts'

const PERIODS_MAX = 100
/** Of one answer. */
const NUMBERS_MAX = 100_000

const count = z.int().nonnegative()
const itemSchema = z.strictObject({
  from: instantSchema,
  until: instantSchema,
  size: count.meta({ description: 'actors that were active for the first time in this period' }),
  active: z.array(count).meta({ description: 'how many of them were active in this period and in each of those after it that have begun' }),
  completePeriods: count.meta({ description: 'how many of these periods have ended' }),
})
export const retentionAnswer = rangeHead.extend({ items: z.array(itemSchema) })
export const retentionQuery = rangeQuery.extend({ periods: wholeNumber(1, PERIODS_MAX).default(12) })

/** Of those who came for the first time in a period, how many came again. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function retentionIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof retentionAnswer>> {
  const { where, periods: followed, ...parameters } = readQuery(retentionQuery, query)
  const { range, periods, head } = askedRange(asked, parameters)
  if (periods.length * (followed + 1) > NUMBERS_MAX) {
    const most = Math.floor(NUMBERS_MAX / (followed + 1))
    throw unusable('from and until', `expected at most ${most} periods that are followed for ${followed} more; ask for a shorter range, or for fewer periods`)
  }
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const items = (await retentionBy(reader, { range, periods: followed, where })).map(({ period, active, ...cohort }) => ({
      from: formatInstant(period.from),
      until: formatInstant(period.until),
      active: [...active],
      ...cohort,
    }))
    return { ...head, asOf: await historyAsOf(reader, asked.clock), items }
  })
}
