import { z } from 'zod'
import { formatInstant, instantSchema, stageKinds } from '#contracts'
import { countsBy } from '#history'
import { readQuery } from '../answers/query.ts'
import { type AskedHistory, checkTraits, historyAsOf, stageIds } from './asked-history.ts'
import { askedRange, rangeHead, rangeQuery } from './ranges.ts'

const count = z.int().nonnegative()
const changeSchema = z.strictObject({ before: count, entered: count, left: count, after: count })
const itemSchema = z.strictObject({
  from: instantSchema,
  until: instantSchema,
  total: count.meta({ description: 'the sum of `after` of all stages' }),
  stages: z.record(z.string(), changeSchema).meta({ description: 'by the id of the stage: before + entered - left = after' }),
})
export const countsAnswer = rangeHead.extend({
  stages: z.array(z.strictObject({ id: z.string(), title: z.string(), kind: z.enum(stageKinds) })),
  items: z.array(itemSchema),
})
export const countsQuery = rangeQuery

/** Who was in each stage, entered and left it, for each period. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function countsIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof countsAnswer>> {
  const { where, ...range } = readQuery(countsQuery, query)
  const { periods, head } = askedRange(asked, range)
  const stages = asked.definition.stages.map(({ id, kind }) => ({ id, title: asked.narration.stage(id), kind }))
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const counts = await countsBy(reader, { periods, stages: stageIds(asked), where })
    const items = counts.map(({ from, until, total, stages: changes }) => ({
      from: formatInstant(from),
      until: formatInstant(until),
      total,
      stages: Object.fromEntries(changes),
    }))
    return { ...head, asOf: await historyAsOf(reader, asked.clock), stages, items }
  })
}
