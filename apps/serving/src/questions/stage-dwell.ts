import { z } from 'zod'
import { transitionKinds } from '#contracts'
import { dwellBy } from '#history'
import { readQuery } from '../answers/query.ts'
import { type AskedHistory, checkTraits, historyAsOf, stageIds } from './asked-history.ts'
import { durationsHead, durationsHeadOf, durationsQuery, quantilesSchema } from './durations.ts'

const wayOnSchema = z.strictObject({
  to: z.string(),
  kind: z.enum(transitionKinds),
  stays: z.int().positive(),
  share: z.number().positive().max(1).meta({ description: 'of the stays that have ended' }),
})
const itemSchema = z
  .strictObject({
    stage: z.string(),
    stays: z.int().nonnegative().meta({ description: 'that began in the range' }),
    running: z.int().nonnegative().meta({ description: 'how many of them have not ended: they count as longer than they have lasted' }),
  })
  .extend(quantilesSchema.shape)
  .extend({ next: z.array(wayOnSchema).meta({ description: 'how stays ended, those with most first' }) })
export const dwellAnswer = durationsHead.extend({ items: z.array(itemSchema) })
export const dwellQuery = durationsQuery

/** How long actors stayed in each stage. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function dwellIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof dwellAnswer>> {
  const { zone, ...question } = readQuery(dwellQuery, query)
  const head = durationsHeadOf(asked, { ...question, zone })
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, question.where)
    const items = await dwellBy(reader, { ...question, stages: stageIds(asked) })
    return { ...head, asOf: await historyAsOf(reader, asked.clock), items: items.map(({ next, ...item }) => ({ ...item, next: [...next] })) }
  })
}
