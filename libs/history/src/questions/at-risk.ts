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
  const warned = warnedActors(stage, where)
  const rest = after === undefined ? 'TRUE' : 'noticed_at <= $noticedAt AND (noticed_at < $noticedAt OR (type, id) > ($type, $id))'
  const { noticedAt = null, type = null, id = null } = after ?? {}
  return await reader.snapshot(async (snapshot) => {
    const [all] = await snapshot.rows<{ total: number }>(`SELECT count(*) AS total FROM ${warned}`)
    const items = await snapshot.rows<AtRiskActor>(
      `SELECT type, id, stage, since, seq, "at", noticed_at AS "noticedAt" FROM ${warned} JOIN actors USING (actor)
      WHERE ${rest} ORDER BY noticed_at DESC, type, id LIMIT ${limit}`,
      after === undefined ? undefined : { noticedAt, type, id },
    )
    return { total: all?.total ?? 0, items }
  })
}

/**
 * A relation of SQL: the running stays with a notice behind their entry. An event after the notice ends the silence and makes no output, so `active` is
 * looked at as well. A notice is never within one slot of the last event before it unless the warning is shorter than a slot.
 */
function warnedActors(stage: string | undefined, where: readonly TraitFilter[] | undefined): string {
  const inStage = stage === undefined ? 'TRUE' : `stage = ${literal(stage)}`
  return `(
    WITH warned AS (
      SELECT s.actor, s.stage, s.entered_at AS since, max(n.seq) AS seq, arg_max(n."at", n.seq) AS "at", arg_max(n.noticed_at, n.seq) AS noticed_at
      FROM stays s JOIN transitions n ON n.actor = s.actor AND n.seq > s.seq
      WHERE s.left_at IS NULL AND ${inStage} AND n.kind = 'notice' AND n.retracted_at IS NULL AND ${matching(where, 's.actor')}
      GROUP BY s.actor, s.stage, s.entered_at
    )
    SELECT * FROM warned w WHERE NOT EXISTS (SELECT 1 FROM active a WHERE a.actor = w.actor AND a.slot >= w."at" // ${SLOT_MS})
  )`
}
