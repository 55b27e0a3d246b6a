import type { HistoryReader } from '../history-reader.ts'
import type { SurvivalCurve } from '../statistics/survival-curve.ts'
import { curvesOf, lasted, placeIn } from './duration-curves.ts'
import { type DwellQuestion, leftByRule, staysBegun } from './dwell.ts'
import { literal } from './sql-text.ts'

/** How long it takes until actors leave a stage, or get into another one. */
export interface Survival {
  /** Its points have an incidence for each of the ways. */
  readonly curve: SurvivalCurve
  /** The stages into which stays ended, in alphabetical order: the competing ways out. Of a first passage there is one. */
  readonly ways: readonly string[]
}

/** What {@link survivalOf} is asked. */
export interface SurvivalQuestion extends Omit<DwellQuestion, 'stages'> {
  readonly stage: string
  /** Until the actor is in this stage for the first time after it entered `stage`, whatever way it takes; undefined: until it leaves `stage`. */
  readonly to?: string | undefined
}

/** The curve of the stays in a stage that began in a range. What has not happened up to now is censored, and so is what a change of the definition ended. */
export async function survivalOf(reader: HistoryReader, question: SurvivalQuestion): Promise<Survival> {
  return await reader.snapshot(async (snapshot) => {
    const asOf = await snapshot.asOf()
    const { to } = question
    const stays = staysBegun(question)
    const ways = to === undefined ? await waysOut(snapshot, stays) : [to]
    const sql =
      to === undefined
        ? `SELECT 0 AS group_number, ${lasted('entered_at', 'left_at', asOf)} AS ms, CASE WHEN ${leftByRule} THEN ${placeIn('next_stage', ways)} END AS way FROM (${stays})`
        : `SELECT 0 AS group_number, ${lasted('s.entered_at', 'p.left_at', asOf)} AS ms, CASE WHEN p.arrives THEN 0 END AS way
          FROM (${stays}) s ASOF LEFT JOIN (${passages(to)}) p ON s.actor = p.actor AND s.seq <= p.seq`
    const [group] = await snapshot.rows<{ subjects: number; longestMs: number }>(
      `SELECT count(*) AS subjects, coalesce(max(ms), 0) AS "longestMs" FROM (${sql})`,
    )
    const [curve] = await curvesOf(snapshot, { sql, ways: ways.length, groups: [group ?? { subjects: 0, longestMs: 0 }] })
    return { curve: curve as SurvivalCurve, ways }
  })
}

async function waysOut(reader: HistoryReader, stays: string): Promise<string[]> {
  const rows = await reader.rows<{ way: string }>(`SELECT DISTINCT next_stage AS way FROM (${stays}) WHERE ${leftByRule} ORDER BY way`)
  return rows.map(({ way }) => way)
}

/** A statement of SQL: the exits that end the way to a stage, because they lead into it, or because the definition changed. */
function passages(to: string): string {
  return `SELECT actor, seq, left_at, ${leftByRule} AS arrives FROM stays WHERE left_at IS NOT NULL AND (next_stage = ${literal(to)} OR NOT ${leftByRule})`
}
