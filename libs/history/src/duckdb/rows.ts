import type { DuckDBBlobVector, DuckDBConnection, DuckDBType, DuckDBValue, DuckDBVector } from '@duckdb/node-api'
import { RondoError } from '#contracts'
import type { HistoryValues, TakeNumbers } from '../history-reader.ts'
import type { DuckDb } from './load-duckdb.ts'

/** `DuckDBVarCharVector` drops a U+FEFF at the begin of a text: two actors would get one id. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Runs a statement, and gives its rows as objects. Texts are exactly those that are stored. */
export async function rowsOf<Row>(duckdb: DuckDb, connection: DuckDBConnection, sql: string, values?: HistoryValues): Promise<Row[]> {
  const result = await (values === undefined ? connection.run(sql) : connection.run(sql, boundValues(values)))
  const names = result.deduplicatedColumnNames()
  const rows: Record<string, unknown>[] = []
  for (const chunk of await result.fetchAllChunks()) {
    const columns = names.map((name, column) => ({ name, valueIn: columnOf(duckdb, chunk.getColumnVector(column)) }))
    for (let at = 0; at < chunk.rowCount; at++) {
      const row: Record<string, unknown> = {}
      for (const { name, valueIn } of columns) row[name] = valueIn(at)
      rows.push(row)
    }
  }
  return rows as Row[]
}

/** The values of a column, by row. */
function columnOf({ DuckDBBlobVector, DuckDBTypeId, DuckDBVarCharVector, JSDuckDBValueConverter }: DuckDb, vector: DuckDBVector): (row: number) => unknown {
  if (vector instanceof DuckDBVarCharVector) {
    const bytes = DuckDBBlobVector.fromRawVector(rawOf(vector), vector.itemCount)
    return (row) => {
      const text = bytes.getItemBytes(row)
      return text === null ? null : decoder.decode(text)
    }
  }
  const convert = (value: DuckDBValue, type: DuckDBType): unknown => {
    if (typeof value === 'bigint') return exactNumber(value)
    if (typeof value === 'string' && type.typeId === DuckDBTypeId.VARCHAR) throw inexact('A text in a list or a struct')
    return JSDuckDBValueConverter(value, type, convert as never)
  }
  return (row) => convert(vector.getItem(row), vector.type)
}

/** What a vector reads from, which its type does not show. Texts and blobs are stored alike. */
function rawOf(vector: DuckDBVector): Parameters<typeof DuckDBBlobVector.fromRawVector>[0] {
  if (!('vector' in vector)) throw inexact('A text')
  return vector.vector as ReturnType<typeof rawOf>
}

function inexact(what: string): RondoError {
  return new RondoError('RONDO_INTERNAL', `${what} of history cannot be read exactly. Please report it.`)
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
