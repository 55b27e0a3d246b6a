import { z } from 'zod'
import { formatInstant, instantSchema, type TransitionKind, transitionKinds } from '#contracts'
import { flowsBy, movementsBy } from '#history'
import { readQuery } from '../answers/query.ts'
import { flowsAnswer, type HourlyFlows } from '../cycles/hourly-flows.ts'
import { type AskedHistory, checkTraits, historyAsOf, START, stageIds } from './asked-history.ts'
import { askedRange, rangeHead, rangeQuery } from './ranges.ts'

const flowSchema = z.strictObject({
  period: instantSchema.meta({ description: 'when the period begins' }),
  kind: z.enum(transitionKinds),
  from: z.string().meta({ description: '`start` at the first transition of an actor' }),
  to: z.string(),
  transitions: z.int().positive(),
  actors: z.int().positive().meta({ description: 'how many different actors they are of' }),
})
export const periodFlowsAnswer = rangeHead.extend({ items: z.array(flowSchema) })
/** By hour of UTC from the read models, or by the periods of a zone from history. */
export const anyFlowsAnswer = z.union([flowsAnswer, periodFlowsAnswer])
export const anyFlowsQuery = rangeQuery.extend({ by: rangeQuery.shape.by.unwrap().optional() })

/** The transitions in effect: by hour of UTC and live, or by periods if the query has `by`, `zone` or `where`. @throws RondoError RONDO_ARGUMENT_INVALID */
export async function flowsIn({ flows, asked }: { readonly flows: HourlyFlows; readonly asked: AskedHistory }, query: unknown) {
  readQuery(anyFlowsQuery, query)
  const isByPeriod = ['by', 'zone', 'where'].some((name) => name in (query as object))
  return await (isByPeriod ? periodFlowsIn(asked, query) : flows.within(query))
}

async function periodFlowsIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof periodFlowsAnswer>> {
  const { where, ...range } = readQuery(rangeQuery, query)
  const { periods, head } = askedRange(asked, range)
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const flows = await flowsBy(reader, { periods, where })
    const items = flows.map(({ period, kind, from, ...flow }) => ({
      period: formatInstant(period.from),
      kind: kind as TransitionKind,
      from: from ?? START,
      ...flow,
    }))
    return { ...head, asOf: await historyAsOf(reader, asked.clock), items }
  })
}

const movementSchema = z.strictObject({
  from: instantSchema,
  until: instantSchema,
  source: z.string().nullable().meta({ description: 'the stage at the begin of the period; null: in no stage yet' }),
  target: z.string().meta({ description: 'the stage at its end' }),
  actors: z.int().positive(),
})
export const movementsAnswer = rangeHead.extend({ items: z.array(movementSchema) })
export const movementsQuery = rangeQuery

/** In which stages actors were at the begin and at the end of each period. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function movementsIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof movementsAnswer>> {
  const { where, ...range } = readQuery(movementsQuery, query)
  const { periods, head } = askedRange(asked, range)
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const movements = await movementsBy(reader, { periods, stages: stageIds(asked), where })
    const items = movements.map(({ period, ...movement }) => ({ from: formatInstant(period.from), until: formatInstant(period.until), ...movement }))
    return { ...head, asOf: await historyAsOf(reader, asked.clock), items }
  })
}
