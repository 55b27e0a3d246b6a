import type { DuckDBConnection, DuckDBType, DuckDBValue, DuckDBVector } from '@duckdb/node-api'
import { RondoError } from '#contracts'
import type { HistoryValues, TakeNumbers } from '../history-reader.ts'
import type { DuckDb } from './load-duckdb.ts'

/** Runs a statement, and gives its rows as objects. */
export async function rowsOf<Row>({ JSDuckDBValueConverter }: DuckDb, connection: DuckDBConnection, sql: string, values?: HistoryValues): Promise<Row[]> {
  const result = await (values === undefined ? connection.run(sql) : connection.run(sql, boundValues(values)))
  const convert = (value: DuckDBValue, type: DuckDBType): unknown =>
    typeof value === 'bigint' ? exactNumber(value) : JSDuckDBValueConverter(value, type, convert as never)
  return (await result.convertRowObjects(convert)) as Row[]
}

/** Runs a statement, and gives the columns of its rows in chunks. The result is never in memory as a whole. */
export async function streamNumbers(connection: DuckDBConnection, sql: string, take: TakeNumbers): Promise<void> {
  const result = await connection.stream(sql)
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return
    const columns = Array.from({ length: chunk.columnCount }, (_, column) => numbersOf(chunk.getColumnVector(column)))
    take(...columns)
  }
}

/** A vector of DOUBLE has its numbers in one array, which its type does not show: to read them one by one would take ten times as long. */
function numbersOf(vector: DuckDBVector): Float64Array {
  const items: unknown = 'items' in vector ? vector.items : undefined
  if (items instanceof Float64Array) return items
  return Float64Array.from({ length: vector.itemCount }, (_, row) => Number(vector.getItem(row)))
}

/** Whole numbers are bound as BIGINT: a comparison with a DOUBLE would read the whole column. */
function boundValues(values: HistoryValues): Record<string, DuckDBValue> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value]),
  )
}

/** Nothing that Rondo stores is larger. @throws RondoError RONDO_INTERNAL */
function exactNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RondoError('RONDO_INTERNAL', `The number ${value} in history is too large to be exact. Please report it.`)
  return number
}
