import { z } from 'zod'
import { type Survival, survivalOf } from '#history'
import { readQuery } from '../answers/query.ts'
import { type AskedHistory, checkTraits, historyAsOf } from './asked-history.ts'
import { checkStage, durationsHead, durationsHeadOf, durationsQuery, pointSchema, quantilesSchema, thinnedSchema } from './durations.ts'

/** In place of a stage: any way out. */
const ANY = 'any'
const share = z.number().min(0).max(1)

const incidenceSchema = z.strictObject({
  to: z.string(),
  points: z.array(
    z.strictObject({
      ms: z.int().nonnegative(),
      incidence: share.meta({ description: 'the share that has left into this stage by `ms` (Aalen-Johansen)' }),
      lower: share,
      upper: share,
    }),
  ),
})
export const survivalAnswer = durationsHead
  .extend({
    stage: z.string(),
    to: z.string().meta({ description: 'any: the curve is of leaving the stage; else of getting into this stage, whatever way it takes' }),
    stays: z.int().nonnegative().meta({ description: 'that began in the range' }),
    events: z.int().nonnegative(),
    distinct: z.int().nonnegative().meta({ description: 'how many durations differ' }),
    thinned: thinnedSchema,
  })
  .extend(quantilesSchema.shape)
  .extend({
    points: z.array(pointSchema),
    incidence: z.array(incidenceSchema).meta({ description: 'the ways out of the stage, which compete; with the share that remains they sum up to 1' }),
  })
export const survivalQuery = durationsQuery.extend({
  stage: z.string({ error: 'expected the id of a stage, once' }).max(1000),
  to: z
    .string({ error: 'expected the id of a stage, or any, once' })
    .max(1000)
    .default(ANY)
    .meta({ wire: { type: 'string', description: 'the id of a stage; any: the curve is of leaving the stage', default: ANY } }),
})
type SurvivalAnswer = z.infer<typeof survivalAnswer>

/** How long it takes until actors leave a stage or get into another one. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function survivalIn(asked: AskedHistory, query: unknown): Promise<SurvivalAnswer> {
  const { zone, to, ...question } = readQuery(survivalQuery, query)
  const head = durationsHeadOf(asked, { ...question, zone })
  checkStage(asked, 'stage', question.stage)
  if (to !== ANY) checkStage(asked, 'to', to)
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, question.where)
    const leaving = await survivalOf(reader, question)
    const { curve } = to === ANY ? leaving : await survivalOf(reader, { ...question, to })
    const { subjects, events, distinct, thinned, quantiles } = curve
    const points = curve.points.map(({ ways, ...point }) => point)
    const asOf = await historyAsOf(reader, asked.clock)
    return { ...head, asOf, stage: question.stage, to, stays: subjects, events, distinct, thinned, ...quantiles, points, incidence: incidenceOf(leaving) }
  })
}

function incidenceOf({ curve, ways }: Survival): SurvivalAnswer['incidence'] {
  return ways.map((to, way) => ({
    to,
    points: curve.points.map(({ ms, ways: shares }) => ({ ms, ...(shares[way] as { incidence: number; lower: number; upper: number }) })),
  }))
}

/** The answer as a table: a row for each point, with the incidences where they are of the same curve. */
export function survivalRows({ points, incidence, to }: SurvivalAnswer): object[] {
  if (to !== ANY) return points
  return points.map((point, at) => ({ ...point, incidence: Object.fromEntries(incidence.map((way) => [way.to, way.points[at]?.incidence])) }))
}
