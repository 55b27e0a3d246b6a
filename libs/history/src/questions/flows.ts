import type { HistoryReader } from '../history-reader.ts'
import type { Period } from '../periods.ts'
import { withPeriod } from './period-index.ts'
import { matching, type TraitFilter } from './trait-filter.ts'

/** How often actors went from one stage to another in a period. */
export interface PeriodFlow {
  readonly period: Period
  readonly kind: string
  /** Null: from no stage, at the first transition of an actor. */
  readonly from: string | null
  readonly to: string
  readonly transitions: number
  /** How many different actors they are. */
  readonly actors: number
}

/** What {@link flowsBy} and {@link movementsBy} are asked. */
export interface FlowsQuestion {
  /** Adjacent, in their order. */
  readonly periods: readonly Period[]
  readonly where?: readonly TraitFilter[] | undefined
}

/** The transitions in effect by period, kind, from and to, ordered so. A flow without a transition is left out. */
export async function flowsBy(reader: HistoryReader, { periods, where }: FlowsQuestion): Promise<PeriodFlow[]> {
  if (periods.length === 0) return []
  const rows = await reader.rows<Omit<PeriodFlow, 'period'> & { period: number }>(
    `SELECT period, kind, from_stage AS "from", to_stage AS "to", count(*) AS transitions, count(DISTINCT actor) AS actors
    FROM ${withPeriod(transitionsInEffect(where), periods)} GROUP BY ALL ORDER BY period, kind, from_stage NULLS FIRST, to_stage`,
  )
  return rows.map(({ period, ...flow }) => ({ period: periods[period] as Period, ...flow }))
}

/** A relation of SQL: the transitions in effect, with their `at` as `time`. */
export function transitionsInEffect(where: readonly TraitFilter[] | undefined): string {
  return `SELECT actor, seq, kind, from_stage, to_stage, "at" AS "time" FROM transitions WHERE kind <> 'notice' AND retracted_at IS NULL AND ${matching(where)}`
}
