import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { type Instant, RondoError } from '#contracts'
import type { HistoryReader, HistoryValues, TakeNumbers } from '../history-reader.ts'
import { historyFailure } from './history-failure.ts'
import type { DuckDb } from './load-duckdb.ts'
import { rowsOf, streamNumbers } from './rows.ts'

/** How many connections wait for the next question. */
const IDLE_MAX = 4

const AS_OF = 'SELECT CASE WHEN count(*) = count(log_time) THEN min(log_time) END AS "at" FROM as_of'

/** One connection, for the statements of one question. */
class ConnectionReader implements HistoryReader {
  readonly #duckdb: DuckDb
  readonly #connection: DuckDBConnection
  readonly #path: string
  readonly #inSnapshot: boolean

  constructor(duckdb: DuckDb, connection: DuckDBConnection, { path, inSnapshot = false }: { path: string; inSnapshot?: boolean }) {
    this.#duckdb = duckdb
    this.#connection = connection
    this.#path = path
    this.#inSnapshot = inSnapshot
  }

  async rows<Row>(sql: string, values?: HistoryValues): Promise<Row[]> {
    try {
      return await rowsOf<Row>(this.#duckdb, this.#connection, sql, values)
    } catch (failure) {
      throw historyFailure(this.#path, failure)
    }
  }

  async numbers(sql: string, take: TakeNumbers): Promise<void> {
    try {
      await streamNumbers(this.#connection, sql, take)
    } catch (failure) {
      throw historyFailure(this.#path, failure)
    }
  }

  async asOf(): Promise<Instant> {
    return (await this.rows<{ at: Instant | null }>(AS_OF))[0]?.at ?? Number.NEGATIVE_INFINITY
  }

  async snapshot<Answer>(questions: (reader: HistoryReader) => Promise<Answer>): Promise<Answer> {
    if (this.#inSnapshot) return await questions(this)
    await this.rows('BEGIN TRANSACTION READ ONLY')
    try {
      return await questions(new ConnectionReader(this.#duckdb, this.#connection, { path: this.#path, inSnapshot: true }))
    } finally {
      await this.rows('ROLLBACK')
    }
  }
}

/** The connections of questions: each question has one of its own. */
export class ReaderPool {
  readonly #duckdb: DuckDb
  readonly #instance: DuckDBInstance
  readonly #path: string
  readonly #idle: DuckDBConnection[] = []
  readonly #running = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(duckdb: DuckDb, instance: DuckDBInstance, path: string) {
    this.#duckdb = duckdb
    this.#instance = instance
    this.#path = path
  }

  /** @throws RondoError RONDO_HISTORY_UNAVAILABLE (retriable) once it is closed */
  async with<Answer>(question: (reader: HistoryReader) => Promise<Answer>): Promise<Answer> {
    if (this.#isClosed) throw new RondoError('RONDO_HISTORY_UNAVAILABLE', 'History was closed before it could answer. Ask again.', { retriable: true })
    const running = this.#ask(question)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#running)
    for (const connection of this.#idle.splice(0)) connection.closeSync()
  }

  async #ask<Answer>(question: (reader: HistoryReader) => Promise<Answer>): Promise<Answer> {
    const connection = this.#idle.pop() ?? (await this.#instance.connect())
    try {
      return await question(new ConnectionReader(this.#duckdb, connection, { path: this.#path }))
    } finally {
      if (this.#isClosed || this.#idle.length >= IDLE_MAX) connection.closeSync()
      else this.#idle.push(connection)
    }
  }
}
