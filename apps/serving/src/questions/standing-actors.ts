import type { z } from 'zod'
import { formatInstant, type Instant } from '#contracts'
import { membersAt, stagesAt } from '#history'
import { type CursorKey, isText, ListCursors } from '../answers/list-cursor.ts'
import { momentOf, needsHistory } from '../answers/moment.ts'
import { readQuery, unusable } from '../answers/query.ts'
import { checkStage, type membersAnswer, membersQuery, type StageMembers } from '../cycles/stage-members.ts'
import { type StageTable, type stagesAnswer, stagesQuery } from '../cycles/stage-table.ts'
import { type AskedHistory, checkMoment, checkTraits, historyAsOf, sourceOf } from './asked-history.ts'

/** One cycle: what answers about now, and what answers about other moments. */
interface AskedCycle {
  readonly table: StageTable
  readonly members: StageMembers
  readonly asked: AskedHistory
}

/** How many actors are in each stage, now or as of another moment. @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function stagesIn({ table, asked }: AskedCycle, query: unknown): Promise<z.infer<typeof stagesAnswer>> {
  const { at, 'known-at': knownAt, where } = readQuery(stagesQuery, query)
  if (!needsHistory(query)) return await table.stages()
  const counted = await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const counts = await stagesAt(reader, { at, knownAt, where })
    if (counts.total === 0) await checkMoment(reader, { at, knownAt })
    return { ...counts, ...momentOf({ at, knownAt }), asOf: await historyAsOf(reader, asked.clock) }
  })
  return await table.stages(counted)
}

const isMemberKey = ([since, type, id, ...rest]: CursorKey): boolean => Number.isSafeInteger(since) && isText(type) && isText(id) && rest.length === 0

/** The actors in a stage, now or as of another moment. @throws RondoError RONDO_NOT_FOUND, RONDO_ARGUMENT_INVALID, RONDO_HISTORY_UNAVAILABLE */
export async function membersIn({ members, asked }: AskedCycle, stage: string, query: unknown): Promise<z.infer<typeof membersAnswer>> {
  const { after, limit, ...question } = readQuery(membersQuery, query)
  if (!needsHistory(query)) return await members.of(stage, query)
  checkStage(asked.definition, stage)
  const { at, 'known-at': knownAt, where } = question
  const source = sourceAt(asked, question)
  const { cycle } = asked.definition
  const cursors = new ListCursors<readonly [since: number, type: string, id: string]>(['actors', cycle, stage, question], isMemberKey)
  const key = after === undefined ? undefined : cursors.read(after)
  const last = key && { since: key[0], type: key[1], id: key[2] }
  return await asked.history.snapshot(async (reader) => {
    await checkTraits(reader, where)
    const page = await membersAt(reader, { at, knownAt, stage, where, source, after: last, limit })
    if (page.length === 0 && last === undefined) await checkMoment(reader, { at, knownAt })
    const end = page.length < limit ? undefined : page.at(-1)
    return {
      cycle,
      stage,
      asOf: await historyAsOf(reader, asked.clock),
      ...momentOf({ at, knownAt }),
      items: page.map(({ type, id, since }) => ({ actor: { type, id }, since: formatInstant(since) })),
      next: end === undefined ? null : cursors.write([end.since, end.type, end.id]),
    }
  })
}

function sourceAt(asked: AskedHistory, { source, 'source-at': at }: { readonly source?: string | undefined; readonly 'source-at'?: Instant | undefined }) {
  if ((source === undefined) !== (at === undefined)) throw unusable('source and source-at', 'expected both, or none of them')
  const stage = sourceOf(asked, source)
  return stage === undefined || at === undefined ? undefined : { stage, at }
}
