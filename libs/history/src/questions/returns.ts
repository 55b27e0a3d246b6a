import type { HistoryReader } from '../history-reader.ts'
import type { SurvivalCurve } from '../statistics/survival-curve.ts'
import { curvesOf, lasted, placeIn } from './duration-curves.ts'
import type { DwellQuestion } from './dwell.ts'
import { literal } from './sql-text.ts'
import { matching } from './trait-filter.ts'

/** The absences that began with one cause. */
export interface CauseReturns {
  readonly cause: string
  /** How many began. */
  readonly left: number
  /** How many of these ended with a return. */
  readonly returned: number
  /** How many have not ended. */
  readonly away: number
  /** The share that is still away, by the time since they left. */
  readonly curve: SurvivalCurve
}

/** What {@link returnsBy} is asked. */
export interface ReturnsQuestion extends Omit<DwellQuestion, 'stages'> {
  /** The stages of the definition in which actors are gone. */
  readonly lapsed: readonly string[]
}

/** The absences of one cause. */
interface AbsencesRow {
  readonly cause: string
  readonly subjects: number
  readonly longestMs: number
  readonly returned: number
  readonly away: number
}

/**
 * Actors that left in a range, by cause, and how long it took until they returned; the cause with most actors first. An actor that goes from one lapsed
 * stage to another is away once.
 */
export async function returnsBy(reader: HistoryReader, question: ReturnsQuestion): Promise<CauseReturns[]> {
  return await reader.snapshot(async (snapshot) => {
    const absences = absencesBegun(question, await snapshot.asOf())
    const rows = await snapshot.rows<AbsencesRow>(
      `SELECT cause, count(*) AS subjects, max(ms) AS "longestMs", count(*) FILTER (WHERE way = 0) AS returned, count(*) FILTER (WHERE is_away) AS away
      FROM (${absences}) GROUP BY cause ORDER BY subjects DESC, cause`,
    )
    const causes = rows.map(({ cause }) => cause)
    const curves = await curvesOf(snapshot, { sql: `SELECT ${placeIn('cause', causes)} AS group_number, ms, way FROM (${absences})`, ways: 1, groups: rows })
    return rows.map(({ cause, subjects, returned, away }, at) => ({ cause, left: subjects, returned, away, curve: curves[at] as SurvivalCurve }))
  })
}

/** A statement of SQL: absences as `cause`, `ms`, `way` and `is_away`. A change of the definition can end one: how long it would have lasted is unknown. */
function absencesBegun({ from, until, lapsed, where }: ReturnsQuestion, asOf: number): string {
  const isLapsed = lapsed.length === 0 ? 'FALSE' : `stage IN (${lapsed.map(literal).join(', ')})`
  return `SELECT l.cause, ${lasted('l.left_at', 'b.left_at', asOf)} AS ms, CASE WHEN b.exit_kind = 'return' THEN 0 END AS way, b.left_at IS NULL AS is_away
    FROM (
      SELECT actor, seq, left_at, exit_cause AS cause FROM stays
      WHERE NOT (${isLapsed}) AND exit_kind = 'disengage' AND left_at >= ${BigInt(from)} AND left_at < ${BigInt(until)} AND ${matching(where)}
    ) l ASOF LEFT JOIN (
      SELECT actor, seq, left_at, exit_kind FROM stays WHERE ${isLapsed} AND exit_kind IN ('return', 'definition-change')
    ) b ON l.actor = b.actor AND l.seq < b.seq`
}
