import type { CommitBatch, FeedRecord } from '../event-log.ts'

type StoredValue = string | number | bigint | null | Uint8Array

/** A prepared statement. */
export interface TableStatement {
  run(...values: StoredValue[]): unknown
  get(...values: StoredValue[]): Record<string, unknown> | undefined
  all(...values: StoredValue[]): Record<string, unknown>[]
}

/** The tables of state.db for an extension: it runs statements, and neither opens, closes nor commits. */
export interface StateTables {
  exec(sql: string): void
  prepare(sql: string): TableStatement
}

/** The outputs in state.db, also those of the transaction under way. Cursors count from 1 without gaps. */
export interface StoredOutputs {
  /** As JSON. @throws RondoError RONDO_DATA_CORRUPT if there is none */
  at(cursor: number): string
  /** The first ones after a cursor. */
  read(after: number, limit: number): FeedRecord[]
}

/**
 * Tables of a read model that lie in state.db beside those of the event log and change in the same transaction as the feed, for a process
 * without another store.
 */
export interface StateExtension {
  /** Creates or upgrades the tables. Called in one transaction, each time the folder is opened, before anything reads them. */
  open(tables: StateTables): void
  /** Prepares the statements on the connection that commits. */
  prepare(tables: StateTables, outputs: StoredOutputs): StateWriter
}

/** What an extension does on the connection that commits. */
export interface StateWriter {
  /** Called inside the transaction of each batch, with the cursor of the batch's first output; the others follow without gaps. */
  apply(partition: number, batch: CommitBatch, firstCursor: number): void
  /**
   * Does one part of the work that `open` has left. Called between batches, in a transaction of its own.
   * @returns false if nothing was left
   */
  catchUp(): boolean
}
