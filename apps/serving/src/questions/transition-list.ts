import { z } from 'zod'
import { actorSchema, formatInstant, instantSchema, type TransitionKind, transitionKinds } from '#contracts'
import { countMoves, type Move, type MovesQuestion, movesOf } from '#history'
import { freshnessSchema } from '../answers/freshness.ts'
import { type CursorKey, isText, ListCursors } from '../answers/list-cursor.ts'
import { afterParameter, limitParameter, readQuery, stageParameter, timeParameter, unusable, whereParameter } from '../answers/query.ts'
import { type AskedHistory, checkStageParameter, checkTraits, historyAsOf, START, sourceOf } from './asked-history.ts'
import { outputOf, reasonOf, reasonSchema } from './reasons.ts'

/** A part of a range may be open: from the first transition, until the last. */
export const leftQuery = z.strictObject({
  from: timeParameter.optional(),
  until: timeParameter.optional(),
  cause: z.string({ error: 'expected a cause, once' }).optional(),
  source: stageParameter,
  target: stageParameter,
  where: whereParameter,
  after: afterParameter,
  limit: limitParameter,
})
export const transitionsQuery = leftQuery.extend({ kind: z.enum(transitionKinds, { error: `expected one of ${transitionKinds.join(', ')}` }).optional() })

const moveSchema = z.strictObject({
  actor: actorSchema,
  kind: z.enum(transitionKinds),
  from: z.string().meta({ description: '`start` at the first transition of an actor' }),
  to: z.string(),
  at: instantSchema,
  noticedAt: instantSchema,
  cause: z.string(),
  reason: reasonSchema,
})
export const transitionsAnswer = z.strictObject({
  cycle: z.string(),
  asOf: freshnessSchema,
  total: z.int().nonnegative().meta({ description: 'how many items all pages have' }),
  items: z.array(moveSchema),
  next: z.string().nullable(),
})
type Answer = z.infer<typeof transitionsAnswer>

const isMoveKey = ([noticedAt, type, id, seq, ...rest]: CursorKey): boolean =>
  Number.isSafeInteger(noticedAt) && isText(type) && isText(id) && Number.isSafeInteger(seq) && rest.length === 0

/** The disengagements in effect, those noticed last first. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function leftIn(asked: AskedHistory, query: unknown): Promise<Answer> {
  return await listOf(asked, 'left', { ...readQuery(leftQuery, query), kind: 'disengage' })
}

/** The transitions in effect, those noticed last first: those behind a number of flows, or of the counts of a stage. @throws RondoError as leftIn */
export async function transitionsIn(asked: AskedHistory, query: unknown): Promise<Answer> {
  return await listOf(asked, 'transitions', readQuery(transitionsQuery, query))
}

async function listOf(asked: AskedHistory, name: string, { after, limit, ...query }: z.output<typeof transitionsQuery>): Promise<Answer> {
  const { kind, cause, target, from, until, where } = query
  if (from !== undefined && until !== undefined && from >= until) throw unusable('from and until', 'expected a range that begins before it ends')
  checkStageParameter(asked, 'target', target)
  const question: Omit<MovesQuestion, 'limit'> = { kind, cause, from: sourceOf(asked, query.source), to: target, since: from, until, where }
  const { cycle } = asked.definition
  const cursors = new ListCursors<readonly [noticedAt: number, type: string, id: string, seq: number]>([name, cycle, question], isMoveKey)
  const key = after === undefined ? undefined : cursors.read(after)
  const last = key && { noticedAt: key[0], type: key[1], id: key[2], seq: key[3] }
  const { asOf, total, moves } = await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const page = await movesOf(reader, { ...question, after: last, limit })
    return { total: await countMoves(reader, question), moves: page, asOf: await historyAsOf(reader, asked.clock) }
  })
  const end = moves.length < limit ? undefined : moves.at(-1)
  return {
    cycle,
    asOf,
    total,
    items: await Promise.all(moves.map((move) => itemOf(asked, move))),
    next: end === undefined ? null : cursors.write([end.noticedAt, end.type, end.id, end.seq]),
  }
}

async function itemOf(asked: AskedHistory, { type, id, seq, kind, from, to, at, noticedAt, cause }: Move): Promise<z.infer<typeof moveSchema>> {
  const actor = { type, id }
  return {
    actor,
    kind: kind as TransitionKind,
    from: from ?? START,
    to,
    at: formatInstant(at),
    noticedAt: formatInstant(noticedAt),
    cause,
    reason: reasonOf(asked, await outputOf(asked, actor, seq)),
  }
}
