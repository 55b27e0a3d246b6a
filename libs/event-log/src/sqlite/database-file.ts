import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { RondoError } from '#contracts'
import { foreignFile, withinFile } from './sqlite-failure.ts'

/** The format by which Rondo recognizes a SQLite file as its own. */
export interface FileFormat {
  /** Stored in the header of the file, so that a foreign file is never changed. */
  readonly applicationId: number
  /** Version of the tables. */
  readonly version: number
  /** Statements that upgrade from an earlier version to the next one. */
  readonly upgrades?: Readonly<Record<number, string>>
  /** What to do with a file of an earlier version that has no upgrade; undefined if only the release that created the file can read it. */
  readonly remedy?: string
  readonly pageBytes: number
  /** Whether pages that become free can be given back to the disk. It is fixed when the file is created. */
  readonly givesSpaceBack?: boolean
  readonly schema: string
}

/** Pages are copied from the write-ahead log into the file each time it has grown by this much. Writers wait meanwhile. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024
/** How much memory SQLite may use for the pages of one connection. */
const CACHE_BYTES = 32 * 1024 * 1024
/** How long a statement waits for the lock of another connection of this process. */
const BUSY_MS = 10_000

/**
 * Opens a data file of Rondo for writing, and creates it if it is missing or was never finished: a file is complete or does not exist.
 * @returns the connection, and whether the file is new.
 * @throws RondoError RONDO_DATA_FOREIGN, _MISMATCH (of a newer release), _CORRUPT, _FULL, _UNREADABLE
 */
export function openDatabase(path: string, format: FileFormat): { db: DatabaseSync; isNew: boolean } {
  return withinFile(path, () => {
    const db = new DatabaseSync(path, { timeout: BUSY_MS })
    try {
      const isNew = isBlank(db, path)
      if (!isNew) upgrade(db, path, format)
      if (!isNew) checkFormat(db, path, format)
      prepareConnection(db, format)
      if (isNew) {
        db.exec(`BEGIN IMMEDIATE; ${format.schema}; PRAGMA user_version = ${format.version}; PRAGMA application_id = ${format.applicationId}; COMMIT`)
      }
      return { db, isNew }
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** A second connection to a file that {@link openDatabase} has opened, for another thread or for reading alone. */
export function joinDatabase(path: string, format: FileFormat, mode: 'read' | 'write'): DatabaseSync {
  return withinFile(path, () => {
    const db = new DatabaseSync(path, { timeout: BUSY_MS })
    try {
      checkFormat(db, path, format)
      prepareConnection(db, format)
      if (mode === 'read') db.exec('PRAGMA query_only = ON')
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** Runs `work` in one transaction: when this returns, all of it is on the disk; if it throws, nothing of it. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // Some failures, such as a full disk, have rolled back already.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** The number that a statement gives as its only column. */
function scalar(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0])
}

/** Whether the file was just created, or its creation was interrupted. SQLite opens any file of a few bytes as an empty one: it may belong to another program. */
function isBlank(db: DatabaseSync, path: string): boolean {
  const headerless = scalar(db, 'PRAGMA page_count') === 0
  if (headerless && statSync(path).size > 0) throw foreignFile(path)
  const marks = scalar(db, 'PRAGMA application_id') || scalar(db, 'PRAGMA user_version') || scalar(db, 'SELECT count(*) FROM sqlite_schema')
  return marks === 0
}

/** Upgrades a data file of Rondo to the present version, one version after the other, each in a transaction. */
function upgrade(db: DatabaseSync, path: string, { applicationId, version, upgrades = {} }: FileFormat): void {
  if (scalar(db, 'PRAGMA application_id') !== applicationId) throw foreignFile(path)
  for (let stored = scalar(db, 'PRAGMA user_version'); stored < version; stored++) {
    const statements = upgrades[stored]
    if (statements === undefined) return
    inTransaction(db, () => db.exec(`${statements}; PRAGMA user_version = ${stored + 1}`))
  }
}

function checkFormat(db: DatabaseSync, path: string, format: FileFormat): void {
  const version = scalar(db, 'PRAGMA user_version')
  if (scalar(db, 'PRAGMA application_id') !== format.applicationId) throw foreignFile(path)
  if (version !== format.version) {
    const isNewer = version > format.version
    const advice = (!isNewer && format.remedy) || `Use the ${isNewer ? 'newer ' : ''}Rondo that made it, or another data folder.`
    throw new RondoError('RONDO_DATA_MISMATCH', `The file ${path} has layout ${version}; this Rondo reads layout ${format.version}. ${advice}`)
  }
}

function prepareConnection(db: DatabaseSync, format: FileFormat): void {
  // The page size can be set only while the file is empty. The size limit truncates the write-ahead log after a burst.
  db.exec(`PRAGMA page_size = ${format.pageBytes};
    ${format.givesSpaceBack === true ? 'PRAGMA auto_vacuum = INCREMENTAL;' : ''}
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_BYTES / format.pageBytes};
    PRAGMA journal_size_limit = ${8 * CHECKPOINT_BYTES};
    PRAGMA cache_size = -${CACHE_BYTES / 1024};
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF`)
}
