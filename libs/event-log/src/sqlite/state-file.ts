import type { DatabaseSync } from 'node:sqlite'
import type { Step } from '../event-log.ts'
import type { FileFormat } from './database-file.ts'
import { OutputFrames } from './output-frames.ts'

/**
 * Tables that live in state.db beside those of the event log and change in the same transaction as the feed: read models of a process
 * that has no other store.
 */
export interface StateExtension {
  /** CREATE statements, executed once, when state.db is made. */
  readonly schema: string
  /**
   * Prepares the statements on the connection that commits. What it returns is called inside the transaction of each step, with the
   * cursor of the step's first output; the others follow without gaps.
   * @param outputAt the output at a cursor, as JSON
   */
  prepare(db: DatabaseSync, outputAt: (cursor: number) => string): (partition: number, step: Step, firstCursor: number) => void
}

/** state.db: what the processor published and how far it is. It may be behind log.db, never ahead of it. */
export function stateFile(extension?: StateExtension): FileFormat {
  return {
    applicationId: 0x524e4453,
    version: 4,
    remedy: 'Delete it: all that it holds is folded again from log.db beside it.',
    pageBytes: 4096,
    schema: `
      CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      CREATE TABLE partitions (
        partition INTEGER PRIMARY KEY,
        epoch INTEGER NOT NULL,
        position TEXT,
        summary TEXT,
        crc INTEGER
      ) STRICT;
      ${OutputFrames.schema};
      CREATE TABLE late ("cursor" INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
      CREATE TABLE quarantine ("cursor" INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
      CREATE TABLE checkpoints (
        partition INTEGER NOT NULL,
        bucket INTEGER NOT NULL,
        stamp TEXT NOT NULL,
        crc INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (partition, bucket)
      ) STRICT;
      ${extension?.schema ?? ''}`,
  }
}
