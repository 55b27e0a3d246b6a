import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { RondoError } from '#contracts'
import { randomId } from '#runtime'
import { archivedReader } from '../archived-reader.ts'
import type { LogArchive, LogReader } from '../event-log.ts'
import type { FolderActs, FolderLog } from '../folder-log.ts'
import type { RefusedStore } from '../refused-store.ts'
import { inTransaction, openDatabase } from './database-file.ts'
import { checkMeta, metaOf } from './file-identity.ts'
import { lockFolder } from './folder-lock.ts'
import { FolderRefused } from './folder-refused.ts'
import { logFile } from './log-file.ts'
import { makeFolder } from './make-folder.ts'
import type { ReadModelTables } from './read-model-tables.ts'
import { SqliteAdminLog } from './sqlite-admin-log.ts'
import { withinFile } from './sqlite-failure.ts'
import { SqliteLogReader } from './sqlite-log-reader.ts'
import { SqliteLogWriter } from './sqlite-log-writer.ts'
import { SqliteStateReader, type StateReader } from './sqlite-state-reader.ts'
import { stateFile } from './state-file.ts'

/** Acts are in no partition, so a writer for acts alone may know fewer partitions than the log has. */
const ACTS_PARTITIONS = 1

/** Which folder is opened, and for which definition. */
export interface DataFolderOptions {
  readonly path: string
  /** Fixed when the folder is created. */
  readonly partitions: number
  /** The inputs that the fold depends on, name to value (cycle, definition, generation): fixed when state.db is created, compared afterwards. */
  readonly identity: Readonly<Record<string, string>>
  /** Tables of read models that state.db has beside those of the event log. */
  readonly readModelTables?: ReadModelTables
  /** Opens the archive that has the frames which log.db no longer has; without it they cannot be read. */
  readonly openArchive?: OpenArchive | undefined
}

/** Opens the archive in a folder. `log` is the log whose records it must have. */
export type OpenArchive = (folder: string, log: Readonly<Record<string, string>>) => Promise<LogArchive>

/**
 * A folder with all data of one Rondo: log.db, state.db, and lock.db. A process opens it once, before anything else uses its
 * files; another thread of the process then reads and commits by {@link joinDataFolder}.
 */
export interface DataFolder {
  readonly path: string
  /** The one writer of log.db. */
  readonly writer: FolderLog
  /** @param onSkipped called with the sentence that reports an act of a later release, which this one does not know */
  adminLog(onSkipped?: (text: string) => void): FolderActs
  /** Refused events; to be closed before the folder. */
  refusedStore(): RefusedStore
  reader(): LogReader
  stateReader(): StateReader
  /** Writes what is pending, closes the writer and releases the lock. Readers must be closed before. */
  close(): Promise<void>
}

/**
 * Opens the folder; the folder and missing files are created. If only state.db is missing it is created again, and the log is
 * folded again from its beginning.
 * @throws RondoError RONDO_DATA_LOCKED, _FOREIGN, _CORRUPT, _FULL, _UNREADABLE, or _MISMATCH if the folder was created for another definition
 */
export function openDataFolder(options: DataFolderOptions): DataFolder {
  const path = resolve(options.path)
  const { writer, close } = openLog(path, options.partitions, (log) => prepareFiles(path, options, log))
  return {
    path,
    writer,
    adminLog: (onSkipped) => new SqliteAdminLog(writer, onSkipped),
    refusedStore: () => new FolderRefused(writer, new SqliteStateReader(path)),
    reader: () => readerOf({ ...options, path }),
    stateReader: () => new SqliteStateReader(path),
    close,
  }
}

/**
 * Opens the administrative acts of a folder that no process uses, whatever its definition; the folder is created if it is missing, and is
 * locked until the acts are closed.
 * @throws RondoError RONDO_DATA_LOCKED, _FOREIGN, _CORRUPT, _FULL, _UNREADABLE, _MISMATCH
 */
export function openFolderActs(folder: string): FolderActs {
  const { writer, close } = openFolderWriter(folder, ACTS_PARTITIONS)
  const acts = new SqliteAdminLog(writer)
  return { append: (record) => acts.append(record), read: () => acts.read(), close }
}

/**
 * The writer of log.db in a folder that no process uses, whatever its definition; the folder is locked until it is closed.
 * @throws RondoError as {@link openFolderActs}
 */
export function openFolderWriter(folder: string, partitions: number): { writer: FolderLog; close(): Promise<void> } {
  const path = resolve(folder)
  return openLog(path, partitions, ({ isNew }) => isNew && checkStateIsBlank(path))
}

/** Locks the folder and opens the writer of its log; a missing folder is created. */
function openLog(path: string, partitions: number, prepare: (log: { db: DatabaseSync; isNew: boolean }) => void) {
  makeFolder(path)
  const lock = lockFolder(path)
  try {
    const log = openDatabase(join(path, 'log.db'), logFile)
    try {
      prepare(log)
      const writer = new SqliteLogWriter(log.db, join(path, 'log.db'), partitions)
      const close = async (): Promise<void> => {
        await writer.close()
        lock.release()
      }
      return { writer, close }
    } catch (error) {
      log.db.close()
      throw error
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The connection of the thread that folds; the process has opened the folder with the same options. */
export function joinDataFolder(options: Omit<DataFolderOptions, 'identity'>): LogReader {
  return readerOf({ ...options, path: resolve(options.path) })
}

function readerOf({ path, partitions, readModelTables, openArchive }: Omit<DataFolderOptions, 'identity'>): LogReader {
  const reader = new SqliteLogReader(path, partitions, readModelTables)
  return archivedReader(reader, async () => {
    const { archive } = reader
    return archive === undefined ? undefined : await openArchive?.(archive.folder, archive.log)
  })
}

/** Checks that both files belong to this folder and to the definition for which it is opened. */
function prepareFiles(path: string, options: DataFolderOptions, log: { db: DatabaseSync; isNew: boolean }): void {
  const logPath = join(path, 'log.db')
  const statePath = join(path, 'state.db')
  if (log.isNew) checkStateIsBlank(path)
  const folder = withinFile(logPath, () => metaOf(log.db).get('folder')) ?? randomId()
  withinFile(logPath, () => checkMeta(log.db, logPath, { folder, partitions: String(options.partitions) }))
  const state = openDatabase(statePath, stateFile)
  try {
    withinFile(statePath, () => {
      checkMeta(state.db, statePath, { folder, ...options.identity })
      inTransaction(state.db, () => options.readModelTables?.open(state.db))
    })
  } finally {
    state.db.close()
  }
}

/** A state.db with content belongs to a log.db, and not to one that was just created. */
function checkStateIsBlank(path: string): void {
  const [logPath, statePath] = [join(path, 'log.db'), join(path, 'state.db')]
  if (!existsSync(statePath)) return
  const { db } = openDatabase(statePath, stateFile)
  const meta = withinFile(statePath, () => metaOf(db))
  db.close()
  if (meta.size > 0) {
    throw new RondoError(
      'RONDO_DATA_MISMATCH',
      `The file ${statePath} is there, but ${logPath} that it was made from is missing. Put it back, or choose another data folder.`,
    )
  }
}
