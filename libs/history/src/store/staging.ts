import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api'
import type { DuckDb } from '../duckdb/load-duckdb.ts'

/** DuckDB takes chunks of at most so many rows. */
const CHUNK_ROWS = 2048

/** One column of rows that are appended. */
export type Column = readonly (number | string | null)[]

/** Appends rows to temporary tables and tables, column by column. */
export class Staging {
  readonly #duckdb: DuckDb
  readonly #connection: DuckDBConnection

  constructor(duckdb: DuckDb, connection: DuckDBConnection) {
    this.#duckdb = duckdb
    this.#connection = connection
  }

  /** Appends to a temporary table, whose columns are INTEGER, DOUBLE or VARCHAR. */
  async append(table: string, columns: readonly Column[]): Promise<void> {
    const rows = columns[0]?.length ?? 0
    if (rows === 0) return
    const { DuckDBDataChunk } = this.#duckdb
    const appender = await this.#connection.createAppender(table, 'main', 'temp')
    const types = columns.map((_, column): DuckDBType => appender.columnType(column))
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      const chunk = DuckDBDataChunk.create(types, Math.min(CHUNK_ROWS, rows - from))
      for (const [column, values] of columns.entries()) chunk.setColumnValues(column, values.slice(from, from + CHUNK_ROWS))
      appender.appendDataChunk(chunk)
    }
    appender.closeSync()
  }
}

/** The columns of a list of rows. */
export function columnsOf(rows: readonly (readonly (number | string | null)[])[]): Column[] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] as number | string | null))
}
