import { z } from 'zod'
import { returnsBy } from '#history'
import { readQuery } from '../answers/query.ts'
import { type AskedHistory, checkTraits, historyAsOf } from './asked-history.ts'
import { durationsHead, durationsHeadOf, durationsQuery, pointSchema, quantilesSchema, thinnedSchema } from './durations.ts'

const count = z.int().nonnegative()
const itemSchema = z
  .strictObject({
    cause: z.string(),
    left: count.meta({ description: 'actors that left in the range; who goes on from one lapsed stage to another is away once' }),
    returned: count.meta({ description: 'how many of these absences ended with a return, up to now' }),
    away: count.meta({ description: 'how many have not ended' }),
  })
  .extend(quantilesSchema.shape)
  .extend({ thinned: thinnedSchema, points: z.array(pointSchema).meta({ description: 'the share that is still away by the time since they left' }) })
export const returnsAnswer = durationsHead.extend({ items: z.array(itemSchema) })
export const returnsQuery = durationsQuery

/** Actors that left, by cause, and how long it took until they returned. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function returnsIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof returnsAnswer>> {
  const { zone, ...question } = readQuery(returnsQuery, query)
  const head = durationsHeadOf(asked, { ...question, zone })
  const lapsed = asked.definition.stages.filter(({ kind }) => kind === 'lapsed').map(({ id }) => id)
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, question.where)
    const items = (await returnsBy(reader, { ...question, lapsed })).map(({ curve, ...item }) => {
      const points = curve.points.map(({ ways, ...point }) => point)
      return { ...item, ...curve.quantiles, thinned: curve.thinned, points }
    })
    return { ...head, asOf: await historyAsOf(reader, asked.clock), items }
  })
}
