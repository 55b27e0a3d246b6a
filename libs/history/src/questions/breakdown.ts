import type { HistoryReader } from '../history-reader.ts'
import { type Moment, standing } from './moment.ts'
import { literal } from './sql-text.ts'
import { matching, type TraitFilter } from './trait-filter.ts'

/** A trait that actors have. */
interface KnownTrait {
  readonly name: string
  /** How many different values it has. */
  readonly values: number
}

/** The traits of all actors, by name. */
export async function knownTraits(reader: HistoryReader): Promise<KnownTrait[]> {
  return await reader.rows<KnownTrait>('SELECT name, count(DISTINCT value) AS "values" FROM traits GROUP BY name ORDER BY name')
}

/** Their names alone, in a fraction of the time. */
export async function knownTraitNames(reader: HistoryReader): Promise<string[]> {
  return (await reader.rows<{ name: string }>('SELECT DISTINCT name FROM traits ORDER BY name')).map(({ name }) => name)
}

/** The actors with one value of a trait. */
interface BreakdownItem {
  /** Null: the actors without this trait. */
  readonly value: string | null
  readonly total: number
  readonly stages: ReadonlyMap<string, number>
}

/** A part of a breakdown, and how much the whole has. */
export interface Breakdown {
  readonly items: readonly BreakdownItem[]
  /** How many values all parts have together, those without the trait as one. */
  readonly values: number
  /** How many actors they have together. */
  readonly total: number
}

/** What {@link breakdownBy} is asked. */
export interface BreakdownQuestion extends Moment {
  readonly trait: string
  readonly where?: readonly TraitFilter[] | undefined
  /** The last item of the part before. */
  readonly after?: Pick<BreakdownItem, 'value' | 'total'> | undefined
  readonly limit: number
}

/** A stage of one value. */
interface BreakdownRow {
  readonly value: string | null
  readonly total: number
  readonly stage: string
  readonly actors: number
}

/** The actors in each stage at a moment by their newest value of a trait: the value with most actors first, equal ones by value. */
export async function breakdownBy(reader: HistoryReader, { trait, where, after, limit, ...moment }: BreakdownQuestion): Promise<Breakdown> {
  const counted = `
    WITH counted AS MATERIALIZED (
      SELECT t.value, s.stage, count(*) AS actors
      FROM ${standing(moment)} s LEFT JOIN (SELECT actor, value FROM traits WHERE name = ${literal(trait)}) t ON s.actor = t.actor
      WHERE ${matching(where, 's.actor')} GROUP BY ALL
    ), by_value AS MATERIALIZED (SELECT value, sum(actors)::BIGINT AS total FROM counted GROUP BY value)`
  return await reader.snapshot(async (snapshot) => {
    const [whole] = await snapshot.rows<{ values: number; total: number }>(
      `${counted} SELECT count(*) AS "values", coalesce(sum(total), 0)::BIGINT AS total FROM by_value`,
    )
    const rows = await snapshot.rows<BreakdownRow>(
      `${counted}, part AS (SELECT * FROM by_value WHERE ${restOf(after)} ORDER BY total DESC, value NULLS LAST LIMIT ${limit})
      SELECT p.value, p.total, c.stage, c.actors FROM part p JOIN counted c ON p.value IS NOT DISTINCT FROM c.value
      ORDER BY p.total DESC, p.value NULLS LAST, c.stage`,
    )
    return { items: itemsOf(rows), values: whole?.values ?? 0, total: whole?.total ?? 0 }
  })
}

/** No value is the last one of those with as many actors. */
function restOf(after: BreakdownQuestion['after']): string {
  if (after === undefined) return 'TRUE'
  const { value, total } = after
  const equal = value === null ? 'FALSE' : `value > ${literal(value)} OR value IS NULL`
  return `total < ${total} OR (total = ${total} AND (${equal}))`
}

function itemsOf(rows: readonly BreakdownRow[]): BreakdownItem[] {
  const items = new Map<string | null, BreakdownItem & { stages: Map<string, number> }>()
  for (const { value, total, stage, actors } of rows) {
    const item = items.get(value) ?? { value, total, stages: new Map() }
    item.stages.set(stage, actors)
    items.set(value, item)
  }
  return [...items.values()]
}
