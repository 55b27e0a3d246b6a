import { z } from 'zod'
import { breakdownBy, knownTraits } from '#history'
import { freshnessSchema } from '../answers/freshness.ts'
import { type CursorKey, isText, ListCursors } from '../answers/list-cursor.ts'
import { momentHead, momentOf, momentParameters } from '../answers/moment.ts'
import { afterParameter, limitParameter, readQuery } from '../answers/query.ts'
import { type AskedHistory, checkMoment, checkTrait, checkTraits, historyAsOf } from './asked-history.ts'

export const breakdownsQuery = z.strictObject({
  trait: z.string({ error: 'expected the name of a trait, once' }).optional(),
  ...momentParameters,
  after: afterParameter,
  limit: limitParameter,
})
const count = z.int().nonnegative()
const valueSchema = z.strictObject({
  value: z.string().nullable().meta({ description: 'the newest value of the trait as text; null: of the actors without it' }),
  total: z.int().positive(),
  stages: z.record(z.string(), count),
})
export const breakdownsAnswer = z.strictObject({
  cycle: z.string(),
  asOf: freshnessSchema,
  ...momentHead,
  trait: z.string().nullable(),
  traits: z.array(z.strictObject({ name: z.string(), values: count })).meta({ description: 'the traits that there are' }),
  values: count.meta({ description: 'how many values there are on all pages' }),
  total: count.meta({ description: 'how many actors they have' }),
  items: z.array(valueSchema),
  next: z.string().nullable(),
})
type Key = readonly [total: number, value: string | null]

const isValueKey = ([total, value, ...rest]: CursorKey): boolean => Number.isSafeInteger(total) && (isText(value) || value === null) && rest.length === 0

/**
 * The stages by the newest values of a trait, the value with most actors first; without `trait` only which traits there are.
 * @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE
 */
export async function breakdownIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof breakdownsAnswer>> {
  const { after, limit, ...question } = readQuery(breakdownsQuery, query)
  const { trait, at, 'known-at': knownAt, where } = question
  const { cycle } = asked.definition
  const cursors = new ListCursors<Key>(['breakdown', cycle, question], isValueKey)
  const key = after === undefined ? undefined : cursors.read(after)
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const asOf = await historyAsOf(reader, asked.clock)
    const head = { cycle, asOf, ...momentOf({ at, knownAt }), trait: trait ?? null, traits: await knownTraits(reader) }
    if (trait === undefined) return { ...head, values: 0, total: 0, items: [], next: null }
    await checkTrait(reader, 'trait', trait)
    const last = key && { total: key[0], value: key[1] }
    const { values, total, items } = await breakdownBy(reader, { at, knownAt, trait, where, after: last, limit })
    if (total === 0) await checkMoment(reader, { at, knownAt })
    const end = items.length < limit ? undefined : items.at(-1)
    return {
      ...head,
      values,
      total,
      items: items.map((item) => ({ ...item, stages: Object.fromEntries(item.stages) })),
      next: end === undefined ? null : cursors.write([end.total, end.value]),
    }
  })
}
