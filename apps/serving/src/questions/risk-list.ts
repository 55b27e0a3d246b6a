import { z } from 'zod'
import { actorSchema, durationMs, formatInstant, type Instant, instantOf, instantSchema, type Output } from '#contracts'
import { type AtRiskActor, atRisk } from '#history'
import { freshnessSchema } from '../answers/freshness.ts'
import { type CursorKey, isText, ListCursors } from '../answers/list-cursor.ts'
import { afterParameter, limitParameter, readQuery, stageParameter, whereParameter } from '../answers/query.ts'
import { type AskedHistory, checkStageParameter, checkTraits, historyAsOf } from './asked-history.ts'
import { outputOf, reasonOf, reasonSchema } from './reasons.ts'

export const atRiskQuery = z.strictObject({ stage: stageParameter, where: whereParameter, after: afterParameter, limit: limitParameter })
const riskSchema = z.strictObject({
  actor: actorSchema,
  stage: z.string(),
  since: instantSchema,
  noticedAt: instantSchema,
  deadline: instantSchema.nullable().meta({ description: 'when its absence will be complete, if it stays silent; null while that is not known' }),
  reason: reasonSchema,
})
export const atRiskAnswer = z.strictObject({
  cycle: z.string(),
  asOf: freshnessSchema,
  total: z.int().nonnegative().meta({ description: 'how many items all pages have' }),
  items: z.array(riskSchema),
  next: z.string().nullable(),
})

const isRiskKey = ([noticedAt, type, id, ...rest]: CursorKey): boolean => Number.isSafeInteger(noticedAt) && isText(type) && isText(id) && rest.length === 0

/** The actors at risk, those noticed last first. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function atRiskIn(asked: AskedHistory, query: unknown): Promise<z.infer<typeof atRiskAnswer>> {
  const { after, limit, ...question } = readQuery(atRiskQuery, query)
  checkStageParameter(asked, 'stage', question.stage)
  const { cycle } = asked.definition
  const cursors = new ListCursors<readonly [noticedAt: number, type: string, id: string]>(['at-risk', cycle, question], isRiskKey)
  const key = after === undefined ? undefined : cursors.read(after)
  const last = key && { noticedAt: key[0], type: key[1], id: key[2] }
  const { asOf, total, items } = await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, question.where)
    return { ...(await atRisk(reader, { ...question, after: last, limit })), asOf: await historyAsOf(reader, asked.clock) }
  })
  const end = items.length < limit ? undefined : items.at(-1)
  return {
    cycle,
    asOf,
    total,
    items: await Promise.all(items.map((actor) => riskOf(asked, actor))),
    next: end === undefined ? null : cursors.write([end.noticedAt, end.type, end.id]),
  }
}

async function riskOf(asked: AskedHistory, { type, id, stage, since, seq, noticedAt }: AtRiskActor): Promise<z.infer<typeof riskSchema>> {
  const output = await outputOf(asked, { type, id }, seq)
  const deadline = output && deadlineOf(asked, output, since)
  return {
    actor: { type, id },
    stage,
    since: formatInstant(since),
    noticedAt: formatInstant(noticedAt),
    deadline: deadline === undefined ? null : formatInstant(deadline),
    reason: reasonOf(asked, output),
  }
}

/** The end of the absence that a notice announces (rule 14). A personal absence follows from its warning, to about a millisecond. */
function deadlineOf({ definition }: AskedHistory, { at, from, evidence }: Output, since: Instant): Instant | undefined {
  const { absence, warning } = definition.stages.find(({ id }) => id === from) ?? {}
  if (absence === undefined || warning === undefined || evidence.silentSince === undefined) return undefined
  const silentSince = instantOf(evidence.silentSince)
  const absenceMs = typeof absence === 'string' ? durationMs(absence) : Math.round((instantOf(at) - silentSince) / warning)
  return Math.max(silentSince + absenceMs, since)
}
