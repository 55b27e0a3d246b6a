import type { HistoryReader } from '#history'
import type { Differences } from './differences.ts'

/** The relations that questions read, with the id of the actor in place of its number. */
const relations: Readonly<Record<string, readonly string[]>> = {
  transitions: ['seq', 'kind', 'from_stage', 'to_stage', 'rule', 'cause', '"at"', 'noticed_at', 'dwell_ms', 'origin', 'retracted_at'],
  stays: ['seq', 'stage', 'entered_at', 'left_at', 'next_stage', 'exit_kind', 'exit_cause'],
  active: ['slot'],
  traits: ['name', 'value', 'since'],
}
/** Rows are compared by the sums of parts, so that nothing large is read. */
const PARTS = 1_024
/** How many parts that differ are read row by row. */
const PARTS_SHOWN = 8

/** The history that is stored, and the one that was made again. */
interface Histories {
  readonly stored: HistoryReader
  readonly expected: HistoryReader
}

/** A sum of the rows of some actors. */
interface PartSum {
  readonly part: number
  readonly sum: string
}

/** Compares all rows of all relations, and the log time. @returns how many rows there are */
export async function compareHistories({ stored, expected }: Histories, differences: Differences): Promise<number> {
  differences.compare('history', 'log time', { stored: await stored.asOf(), expected: await expected.asOf() })
  let rows = 0
  for (const [relation, columns] of Object.entries(relations)) {
    const [found, due] = [await sumsOf(stored, relation, columns), await sumsOf(expected, relation, columns)]
    rows += due.rows
    differences.compare('history', `number of rows of ${relation}`, { stored: found.rows, expected: due.rows })
    const parts = [...new Set([...found.sums.keys(), ...due.sums.keys()])].filter((part) => found.sums.get(part) !== due.sums.get(part))
    for (const part of parts.slice(0, PARTS_SHOWN)) {
      const [rowsFound, rowsDue] = [await rowsOf(stored, relation, { columns, part }), await rowsOf(expected, relation, { columns, part })]
      for (const row of rowsDue.difference(rowsFound)) differences.add('history', `${relation} lacks ${row}, which follows from the log`)
      for (const row of rowsFound.difference(rowsDue)) differences.add('history', `${relation} has ${row}, which does not follow from the log`)
    }
    for (const part of parts.slice(PARTS_SHOWN)) differences.add('history', `${relation} differs in part ${part} of ${PARTS}`)
  }
  return rows
}

const joined = (relation: string): string => `${relation} JOIN actors USING (actor)`
const partOf = `(hash(id) % ${PARTS})::INTEGER`

async function sumsOf(reader: HistoryReader, relation: string, columns: readonly string[]) {
  const parts = await reader.rows<PartSum & { readonly rows: number }>(
    `SELECT ${partOf} AS part, count(*) AS "rows", sum(hash(type, id, ${columns.join(', ')})::HUGEINT)::VARCHAR AS sum FROM ${joined(relation)} GROUP BY part`,
  )
  return { rows: parts.reduce((sum, { rows }) => sum + rows, 0), sums: new Map(parts.map(({ part, sum }) => [part, sum])) }
}

async function rowsOf(reader: HistoryReader, relation: string, { columns, part }: { columns: readonly string[]; part: number }): Promise<Set<string>> {
  const rows = await reader.rows<object>(`SELECT type, id, ${columns.join(', ')} FROM ${joined(relation)} WHERE ${partOf} = ${part} ORDER BY ALL`)
  return new Set(rows.map((row) => JSON.stringify(row)))
}
