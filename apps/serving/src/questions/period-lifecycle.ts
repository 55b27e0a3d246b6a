import { z } from 'zod'
import { formatInstant, instantSchema } from '#contracts'
import { lifecycleBy } from '#history'
import { readQuery } from '../answers/query.ts'
import { type AskedHistory, checkTraits, historyAsOf } from './asked-history.ts'
import { askedRange, rangeHead, rangeQuery } from './ranges.ts'

const count = z.int().nonnegative()
const share = z.number().min(0).max(1)
const itemSchema = z.strictObject({
  from: instantSchema,
  until: instantSchema,
  complete: z.boolean().meta({ description: 'whether the period had ended; before that, who was not active yet counts as dormant' }),
  new: count.meta({ description: 'active for the first time' }),
  returning: count.meta({ description: 'active in the period before, too' }),
  resurrecting: count.meta({ description: 'active before, but not in the period before' }),
  dormant: count.meta({ description: 'active in the period before, but not in this one' }),
  shares: z
    .strictObject({ new: share, returning: share, resurrecting: share })
    .nullable()
    .meta({ description: 'of those who were active; null if nobody was' }),
  quickRatio: z.number().nonnegative().nullable().meta({ description: '(new + resurrecting) / dormant; null if nobody became dormant' }),
})
export const lifecycleAnswer = rangeHead.extend({ items: z.array(itemSchema) })
export const lifecycleQuery = rangeQuery

/** New, returning, resurrecting and dormant actors of each period. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function lifecycleIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof lifecycleAnswer>> {
  const { where, ...parameters } = readQuery(lifecycleQuery, query)
  const { range, head } = askedRange(asked, parameters)
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const items = (await lifecycleBy(reader, { range, where })).map(({ period, ...counts }) => ({
      from: formatInstant(period.from),
      until: formatInstant(period.until),
      ...counts,
    }))
    return { ...head, asOf: await historyAsOf(reader, asked.clock), items }
  })
}
