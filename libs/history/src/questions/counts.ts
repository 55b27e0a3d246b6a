import type { HistoryReader } from '../history-reader.ts'
import type { Period } from '../periods.ts'
import { integerList } from './sql-text.ts'
import { matching, type TraitFilter } from './trait-filter.ts'

/** What became of one stage in one period. `before + entered - left = after`, and `after` is the `before` of the next period. */
interface StageChange {
  /** Actors in the stage when the period began. */
  readonly before: number
  readonly entered: number
  readonly left: number
  /** Actors in the stage when it ended: those that {@link stagesAt} has as of its end. */
  readonly after: number
}

/** The stages in one period. */
export interface PeriodCounts extends Period {
  /** The sum of `after`. */
  readonly total: number
  readonly stages: ReadonlyMap<string, StageChange>
}

/** Entries into a stage and exits from it: as many as there were before the first period, and in each period. */
interface StageRow {
  readonly stage: string
  readonly entered: string
  readonly left: string
}

/** What {@link countsBy} is asked. */
export interface CountsQuestion {
  /** Adjacent, in their order. */
  readonly periods: readonly Period[]
  /** All stages of the definition: those without an actor are counted too. */
  readonly stages: readonly string[]
  readonly where?: readonly TraitFilter[] | undefined
}

/**
 * Entries, exits and actors of each stage in each period. Only entries and exits are counted; who stands in a stage is their difference, so that all
 * numbers add up.
 */
export async function countsBy(reader: HistoryReader, { periods, stages, where }: CountsQuestion): Promise<PeriodCounts[]> {
  const last = periods.at(-1)
  if (last === undefined) return []
  // The largest instants before the first period and in each one: a bin of `histogram` includes its bound.
  const bounds = [(periods[0] as Period).from, ...periods.map(({ until }) => until)].map((bound) => bound - 1)
  const histogram = (column: string): string => `CAST(to_json(map_values(histogram(${column}, ${integerList(bounds)}))) AS VARCHAR)`
  const rows = await reader.rows<StageRow>(
    `SELECT stage, ${histogram('entered_at')} AS entered, ${histogram('left_at')} AS "left" FROM stays
    WHERE entered_at < ${last.until} AND ${matching(where)} GROUP BY stage`,
  )
  const counted = new Map(rows.map(({ stage, entered, left }) => [stage, { entered: numbersOf(entered), left: numbersOf(left) }]))
  const ids = [...new Set([...stages, ...counted.keys()])]
  const present = new Map(ids.map((stage) => [stage, (counted.get(stage)?.entered[0] ?? 0) - (counted.get(stage)?.left[0] ?? 0)]))
  return periods.map((period, at) => {
    const changes = ids.map((stage): [string, StageChange] => {
      const [before, entered, left] = [present.get(stage) ?? 0, counted.get(stage)?.entered[at + 1] ?? 0, counted.get(stage)?.left[at + 1] ?? 0]
      const after = before + entered - left
      present.set(stage, after)
      return [stage, { before, entered, left, after }]
    })
    return { ...period, total: changes.reduce((sum, [, { after }]) => sum + after, 0), stages: new Map(changes) }
  })
}

/** The bins of a histogram; none if there was no value. */
function numbersOf(bins: string | null): readonly number[] {
  return bins === null ? [] : (JSON.parse(bins) as number[])
}
