import type { Instant, TransitionKind } from '#contracts'
import type { HistoryReader } from '../history-reader.ts'
import type { Quantiles } from '../statistics/survival-curve.ts'
import { curvesOf, lasted, placeIn } from './duration-curves.ts'
import { literal } from './sql-text.ts'
import { matching, type TraitFilter } from './trait-filter.ts'

/** How stays in one stage ended. */
interface WayOn {
  readonly to: string
  readonly kind: TransitionKind
  readonly stays: number
  /** The share of the stays that ended. */
  readonly share: number
}

/** How long actors stayed in one stage, in milliseconds; null where so many had not left while they were observed. */
export interface StageDwell extends Quantiles {
  readonly stage: string
  readonly stays: number
  /** How many of them have not ended. They count as longer than they have lasted: so a stage from which few have left yet does not look short. */
  readonly running: number
  /** Those with most stays first. */
  readonly next: readonly WayOn[]
}

/** What {@link dwellBy} is asked. */
export interface DwellQuestion {
  /** Stays that began at or after it, and before `until`. */
  readonly from: Instant
  readonly until: Instant
  /** All stages of the definition: those without a stay are listed too. */
  readonly stages: readonly string[]
  readonly where?: readonly TraitFilter[] | undefined
}

/** The stays of a stage with one way on. */
interface StaysRow {
  readonly stage: string
  readonly to: string | null
  readonly kind: TransitionKind | null
  readonly stays: number
  readonly longest: number
}

/** How long actors stayed in each stage (Kaplan-Meier, so that running stays count for what they show), and where they went. */
export async function dwellBy(reader: HistoryReader, question: DwellQuestion): Promise<StageDwell[]> {
  return await reader.snapshot(async (snapshot) => {
    const ms = lasted('entered_at', 'left_at', await snapshot.asOf())
    const stays = staysBegun(question)
    const rows = await snapshot.rows<StaysRow>(
      `SELECT stage, next_stage AS "to", exit_kind AS kind, count(*) AS stays, max(${ms}) AS longest FROM (${stays}) GROUP BY ALL ORDER BY stays DESC, "to", kind`,
    )
    const ids = [...new Set([...question.stages, ...rows.map(({ stage }) => stage).sort()])]
    const byStage = Map.groupBy(rows, ({ stage }) => stage)
    const groups = ids.map((stage) => {
      const ofStage = byStage.get(stage) ?? []
      return { subjects: sumOf(ofStage), longestMs: Math.max(0, ...ofStage.map(({ longest }) => longest)) }
    })
    const sql = `SELECT ${placeIn('stage', ids)} AS group_number, ${ms} AS ms, CASE WHEN ${leftByRule} THEN 0 END AS way FROM (${stays})`
    const curves = await curvesOf(snapshot, { sql, ways: 1, groups })
    return ids.map((stage, at) => ({ stage, ...waysOf(byStage.get(stage) ?? []), ...(curves[at] as { quantiles: Quantiles }).quantiles }))
  })
}

/** A change of the definition ends a stay, but says nothing of how long it would have lasted. */
export const leftByRule = "exit_kind <> 'definition-change'"

/** A statement of SQL: the stays that began in a range. */
export function staysBegun({ from, until, where, stage }: Omit<DwellQuestion, 'stages'> & { readonly stage?: string }): string {
  const inStage = stage === undefined ? 'TRUE' : `stage = ${literal(stage)}`
  return `SELECT * FROM stays WHERE entered_at >= ${BigInt(from)} AND entered_at < ${BigInt(until)} AND ${inStage} AND ${matching(where)}`
}

const sumOf = (rows: readonly StaysRow[]): number => rows.reduce((sum, { stays }) => sum + stays, 0)

function waysOf(rows: readonly StaysRow[]): Pick<StageDwell, 'stays' | 'running' | 'next'> {
  const ended = rows.filter((row): row is StaysRow & { to: string; kind: TransitionKind } => row.to !== null && row.kind !== null)
  const [stays, left] = [sumOf(rows), sumOf(ended)]
  return { stays, running: stays - left, next: ended.map(({ to, kind, stays: gone }) => ({ to, kind, stays: gone, share: gone / left })) }
}
