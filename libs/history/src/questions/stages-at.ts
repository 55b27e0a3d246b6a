import type { Instant } from '#contracts'
import type { HistoryReader } from '../history-reader.ts'
import { type Moment, standing } from './moment.ts'
import { literal } from './sql-text.ts'
import { matching, type TraitFilter } from './trait-filter.ts'

/** How many actors stood in each stage. */
export interface StagesAt {
  readonly total: number
  /** Stages with at least one actor, by id. */
  readonly stages: ReadonlyMap<string, number>
}

/** The number of actors in each stage at a moment. */
export async function stagesAt(
  reader: HistoryReader,
  { where, ...moment }: Moment & { readonly where?: readonly TraitFilter[] | undefined },
): Promise<StagesAt> {
  const rows = await reader.rows<{ stage: string; actors: number }>(
    `SELECT stage, count(*) AS actors FROM ${standing(moment)} WHERE ${matching(where)} GROUP BY stage`,
  )
  return { total: rows.reduce((sum, { actors }) => sum + actors, 0), stages: new Map(rows.map(({ stage, actors }) => [stage, actors])) }
}

/** An actor in a stage, and since when. */
export interface StandingActor {
  readonly type: string
  readonly id: string
  readonly since: Instant
}

/** Which part of a stage's listing. */
export interface MembersQuestion extends Moment {
  readonly stage: string
  readonly where?: readonly TraitFilter[] | undefined
  /** Only those that stood in a stage, or in none (null), at another moment. */
  readonly source?: { readonly stage: string | null; readonly at: Instant } | undefined
  /** The last actor of the part before. */
  readonly after?: StandingActor | undefined
  readonly limit: number
}

/** The actors in a stage at a moment, by time of entry, then by type and id as UTF-8 bytes. */
export async function membersAt(reader: HistoryReader, { stage, where, source, after, limit, ...moment }: MembersQuestion): Promise<StandingActor[]> {
  const { since = null, type = null, id = null } = after ?? {}
  const rest = after === undefined ? 'TRUE' : 'since >= $since AND (since, type, id) > ($since, $type, $id)'
  return await reader.rows<StandingActor>(
    `SELECT type, id, since FROM ${standing(moment)} JOIN actors USING (actor)
    WHERE stage = ${literal(stage)} AND ${cameFrom(source, moment)} AND ${matching(where)} AND ${rest} ORDER BY since, type, id LIMIT ${limit}`,
    after === undefined ? undefined : { since, type, id },
  )
}

function cameFrom(source: MembersQuestion['source'], { knownAt }: Moment): string {
  if (source === undefined) return 'TRUE'
  const stood = `SELECT actor FROM ${standing({ at: source.at, knownAt })}`
  return source.stage === null ? `actor NOT IN (${stood})` : `actor IN (${stood} WHERE stage = ${literal(source.stage)})`
}
