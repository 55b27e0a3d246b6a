import type { HistoryReader } from '../history-reader.ts'
import type { Period } from '../periods.ts'
import { countsBy } from './counts.ts'
import { type FlowsQuestion, transitionsInEffect } from './flows.ts'
import { withPeriod } from './period-index.ts'

/** How many actors stood in one stage when a period began, and in another, or the same, when it ended. */
export interface Movement {
  readonly period: Period
  /** Null: in no stage yet. */
  readonly source: string | null
  readonly target: string
  readonly actors: number
}

/** Who moved in a period at all. */
interface MoverRow {
  readonly period: number
  readonly source: string | null
  readonly target: string
  readonly actors: number
}

/**
 * From where to where actors got in each period, whatever ways they took in between; those that stayed are among them. The sum over the targets of a source
 * is the number of actors in it when the period began ({@link countsBy}), and the sum over the sources of a target is that when it ended.
 * @param question `stages`: all of the definition
 */
export async function movementsBy(reader: HistoryReader, question: FlowsQuestion & { readonly stages: readonly string[] }): Promise<Movement[]> {
  const { periods, where } = question
  if (periods.length === 0) return []
  return await reader.snapshot(async (snapshot) => {
    const counts = await countsBy(snapshot, question)
    const movers = await snapshot.rows<MoverRow>(
      `SELECT period, source, target, count(*) AS actors FROM (
        SELECT period, actor, arg_min_null(from_stage, seq) AS source, arg_max(to_stage, seq) AS target
        FROM ${withPeriod(transitionsInEffect(where), periods)} GROUP BY period, actor
      ) GROUP BY ALL`,
    )
    const byPeriod = Map.groupBy(movers, ({ period }) => period)
    return counts.flatMap(({ stages }, at) => {
      const moved = new Map((byPeriod.get(at) ?? []).map((row) => [keyOf(row.source, row.target), row]))
      for (const [stage, { before }] of stages) addStayers(moved, { stage, before, period: at })
      return [...moved.values()].sort(byStages).map(({ source, target, actors }): Movement => ({ period: periods[at] as Period, source, target, actors }))
    })
  })
}

/** Adds those that stood in a stage and made no move; who came back to it has not left it either. */
function addStayers(
  moved: Map<string, MoverRow>,
  { stage, before, period }: { readonly stage: string; readonly before: number; readonly period: number },
): void {
  let stayed = before
  for (const { source, actors } of moved.values()) if (source === stage) stayed -= actors
  if (stayed === 0) return
  const key = keyOf(stage, stage)
  moved.set(key, { period, source: stage, target: stage, actors: (moved.get(key)?.actors ?? 0) + stayed })
}

const keyOf = (source: string | null, target: string): string => JSON.stringify([source, target])

function byStages(a: MoverRow, b: MoverRow): number {
  const [left, right] = [
    [a.source ?? '', a.target],
    [b.source ?? '', b.target],
  ].map((parts) => parts.join('\n')) as [string, string]
  return left < right ? -1 : left > right ? 1 : 0
}
