import type { Instant } from '#contracts'
import type { HistoryReader } from '../history-reader.ts'
import { SLOT_MS } from '../store/history-batch.ts'
import { literal } from './sql-text.ts'
import { matching, type TraitFilter } from './trait-filter.ts'

/** An actor that is at risk: its newest output in effect is a notice, and it has been silent since. */
export interface AtRiskActor {
  readonly type: string
  readonly id: string
  readonly stage: string
  /** When it entered the stage. */
  readonly since: Instant
  /** The `seq` of the notice. */
  readonly seq: number
  /** When it became true, and when it was noticed. */
  readonly at: Instant
  readonly noticedAt: Instant
}

/** What {@link atRisk} is asked. */
export interface AtRiskQuestion {
  readonly stage?: string | undefined
  readonly where?: readonly TraitFilter[] | undefined
  /** The last one of the part before. */
  readonly after?: Pick<AtRiskActor, 'noticedAt' | 'type' | 'id'> | undefined
  readonly limit: number
}

/** A part of the actors that are at risk, and how many there are in all. */
export interface AtRisk {
  readonly total: number
  readonly items: readonly AtRiskActor[]
}

/** The actors at risk, those noticed last first; of one instant by type and id. */
export async function atRisk(reader: HistoryReader, { stage, where, after, limit }: AtRiskQuestion): Promise<AtRisk> {
  const rest = after === undefined ? 'TRUE' : 'noticed_at <= $noticedAt AND (noticed_at < $noticedAt OR (type, id) > ($type, $id))'
  const { noticedAt = null, type = null, id = null } = after ?? {}
  // A row without an actor where the part is empty: it has the total.
  const rows = await reader.rows<AtRiskActor & { type: string | null; total: number }>(
    `WITH warned AS MATERIALIZED (FROM ${warnedActors(stage, where)})
    SELECT type, id, stage, since, seq, "at", "noticedAt", total FROM (SELECT count(*) AS total FROM warned) LEFT JOIN (
      SELECT type, id, stage, since, seq, "at", noticed_at AS "noticedAt" FROM warned JOIN actors USING (actor)
      WHERE ${rest} ORDER BY noticed_at DESC, type, id LIMIT ${limit}
    ) ON TRUE ORDER BY "noticedAt" DESC, type, id`,
    after === undefined ? undefined : { noticedAt, type, id },
  )
  return { total: rows[0]?.total ?? 0, items: rows.filter((row) => row.type !== null).map(({ total: _, ...actor }) => actor) }
}

/**
 * A relation of SQL: the running stays with a notice behind their entry. An event after the notice ends the silence and makes no output, so `active` is
 * looked at as well. A notice is never within one slot of the last event before it unless the warning is shorter than a slot.
 * The newest notice of each actor comes first, and of activity what is not older than the oldest of them: each table is read once.
 */
function warnedActors(stage: string | undefined, where: readonly TraitFilter[] | undefined): string {
  const inStage = stage === undefined ? 'TRUE' : `stage = ${literal(stage)}`
  return `(
    WITH notices AS MATERIALIZED (
      SELECT actor, max(seq) AS seq, arg_max("at", seq) AS "at", arg_max(noticed_at, seq) AS noticed_at
      FROM transitions WHERE kind = 'notice' AND retracted_at IS NULL GROUP BY actor
    ), warned AS MATERIALIZED (
      SELECT actor, stage, entered_at AS since, n.seq AS seq, n."at" AS "at", n.noticed_at AS noticed_at
      FROM stays s JOIN notices n USING (actor)
      WHERE s.left_at IS NULL AND n.seq > s.seq AND ${inStage} AND ${matching(where)}
    ), newest AS (
      SELECT actor, max(slot) AS slot FROM active WHERE slot >= (SELECT min("at") // ${SLOT_MS} FROM warned) GROUP BY actor
    )
    SELECT w.* FROM warned w LEFT JOIN newest USING (actor) WHERE slot IS NULL OR slot < w."at" // ${SLOT_MS}
  )`
}
