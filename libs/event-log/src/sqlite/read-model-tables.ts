import type { CommitBatch, FeedRecord } from '../event-log.ts'

/** A value that SQLite stores. */
type StoredValue = string | number | bigint | null | Uint8Array

/** A prepared statement. */
export interface TableStatement {
  run(...values: StoredValue[]): unknown
  get(...values: StoredValue[]): Record<string, unknown> | undefined
  all(...values: StoredValue[]): Record<string, unknown>[]
}

/** The tables of state.db as read models may use them: they run statements, and neither open, close nor commit. */
export interface StateTables {
  exec(sql: string): void
  prepare(sql: string): TableStatement
}

/** The outputs in state.db, also those of the running transaction. Feed cursors count from 1 without gaps. */
export interface StoredOutputs {
  /** The output at a cursor, as JSON. @throws RondoError RONDO_DATA_CORRUPT if there is none */
  at(cursor: number): string
  /** The first outputs after a cursor. */
  read(after: number, limit: number): FeedRecord[]
}

/**
 * Tables of read models in state.db, beside those of the event log. They change in the same transaction as the feed, for a process without
 * another store.
 */
export interface ReadModelTables {
  /** Creates or upgrades the tables. Called in one transaction, each time the folder is opened, before anything reads them. */
  open(tables: StateTables): void
  /** Prepares the statements on the connection that commits. */
  prepare(tables: StateTables, outputs: StoredOutputs): ReadModelWriter
}

/** Writes the tables of read models, on the connection that commits. */
export interface ReadModelWriter {
  /** Called inside the transaction of each batch, with the feed cursor of the batch's first output; those of the other outputs follow without gaps. */
  apply(partition: number, batch: CommitBatch, firstOutputCursor: number): void
  /**
   * Does one part of the work that `open` has left. Called between batches, in a transaction of its own.
   * @returns false if nothing was left
   */
  catchUp(): boolean
}
