import type { Instant } from '#contracts'
import type { HistoryReader } from '../history-reader.ts'
import { SLOT_MS } from '../store/history-batch.ts'
import { literal } from './sql-text.ts'

/** The relations that can be exported. */
export const exportTables = ['transitions', 'stays', 'active', 'traits'] as const
export type ExportTable = (typeof exportTables)[number]
/** The formats of an export. */
export const exportFormats = ['csv', 'ndjson', 'parquet'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Which rows of which relation are exported, and how. */
export interface ExportQuestion {
  readonly table: ExportTable
  readonly format: ExportFormat
  /** At or after it: transitions that became true, stays that began, quarters of an hour that began, traits that are known since then. */
  readonly from?: Instant | undefined
  /** Before it. */
  readonly until?: Instant | undefined
}

/** What a relation gives beside the actor: columns of texts and numbers, columns that are times, and the time by which a range selects. */
interface Exported {
  /** The names of columns; those of times with the expression that gives milliseconds. */
  readonly columns: readonly (string | readonly [name: string, ms: string])[]
  readonly time: string
}

const slotMs = `slot::BIGINT * ${SLOT_MS}`

const exported: Readonly<Record<ExportTable, Exported>> = {
  transitions: {
    columns: [
      'seq',
      'kind',
      'from_stage',
      'to_stage',
      'rule',
      'cause',
      ['at', '"at"'],
      ['noticed_at', 'noticed_at'],
      'dwell_ms',
      'origin',
      ['retracted_at', 'retracted_at'],
    ],
    time: '"at"',
  },
  stays: {
    columns: ['seq', 'stage', ['entered_at', 'entered_at'], ['left_at', 'left_at'], 'next_stage', 'exit_kind', 'exit_cause'],
    time: 'entered_at',
  },
  active: { columns: [['quarter', slotMs]], time: slotMs },
  traits: { columns: ['name', 'value', ['since', 'since']], time: 'since' },
}

const formats: Readonly<Record<ExportFormat, string>> = {
  csv: 'FORMAT csv, HEADER true',
  ndjson: 'FORMAT json',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
}

/** The names of the columns of an export. */
export function exportColumns(table: ExportTable): string[] {
  return ['actor_type', 'actor_id', ...exported[table].columns.map((column) => (typeof column === 'string' ? column : column[0]))]
}

/** How many rows an export has. */
export async function countExport(reader: HistoryReader, question: ExportQuestion): Promise<number> {
  const [row] = await reader.rows<{ rows: number }>(`SELECT count(*) AS "rows" FROM ${question.table} WHERE ${inRange(question)}`)
  return row?.rows ?? 0
}

/**
 * Writes the rows of a relation into a file, as they were at one moment, in no certain order. Times are timestamps of UTC in Parquet, and else texts with
 * milliseconds and Z. DuckDB writes it: rows do not pass through this process' memory.
 */
export async function exportInto(reader: HistoryReader, path: string, question: ExportQuestion): Promise<void> {
  const { table, format } = question
  const columns = exported[table].columns.map((column) => (typeof column === 'string' ? column : timeColumn(column, format)))
  await reader.rows(
    `COPY (
      SELECT type AS actor_type, id AS actor_id, ${columns.join(', ')} FROM ${table} JOIN actors USING (actor) WHERE ${inRange(question)}
    ) TO ${literal(path)} (${formats[format]})`,
  )
}

function timeColumn([name, ms]: readonly [name: string, ms: string], format: ExportFormat): string {
  const microseconds = `(${ms}) * 1000`
  if (format === 'parquet') return `make_timestamptz(${microseconds}) AS "${name}"`
  return `strftime(make_timestamp(${microseconds}), '%Y-%m-%dT%H:%M:%S.%gZ') AS "${name}"`
}

function inRange({ table, from, until }: ExportQuestion): string {
  const { time } = exported[table]
  return ['TRUE', ...(from === undefined ? [] : [`${time} >= ${from}`]), ...(until === undefined ? [] : [`${time} < ${until}`])].join(' AND ')
}
