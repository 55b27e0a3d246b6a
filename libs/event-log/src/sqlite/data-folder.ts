import { existsSync, rmSync } from 'node:fs'
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
import { noteFolds, noteNoFolds } from './folds-note.ts'
import { logFile } from './log-file.ts'
import { makeFolder } from './make-folder.ts'
import type { ReadModelTables } from './read-model-tables.ts'
import { SqliteAdminLog } from './sqlite-admin-log.ts'
import { stateFailure, withinFile } from './sqlite-failure.ts'
import { SqliteLogReader } from './sqlite-log-reader.ts'
import { SqliteLogWriter } from './sqlite-log-writer.ts'
import { SqliteStateReader, type StateReader } from './sqlite-state-reader.ts'
import { stateFile } from './state-file.ts'
import { addedStateFile, FIRST_STATE_FILE, filledStateFiles, type StateFiles, stateFilesOf } from './state-files.ts'
import { UnreadableState } from './unreadable-state.ts'

/** Acts are in no partition, so a writer for acts alone may know fewer partitions than the log has. */
const ACTS_PARTITIONS = 1

/** The state of one cycle: what is computed from the log. */
interface StateOptions {
  /** The inputs that the fold depends on, name to value (cycle, definition, generation): fixed when the state file is created, compared afterwards. */
  readonly identity: Readonly<Record<string, string>>
  /** Tables of read models that the file has beside those of the event log. */
  readonly readModelTables?: ReadModelTables
}

/** Opens the archive in a folder. `log` is the log whose records it must have. */
export type OpenArchive = (folder: string, log: Readonly<Record<string, string>>) => Promise<LogArchive>

/** Which folder is opened, and for which definitions: the first one, and others that are folded beside it. */
export interface DataFolderOptions extends StateOptions {
  readonly path: string
  /** Fixed when the folder is created. */
  readonly partitions: number
  readonly others?: readonly StateOptions[]
  /** Opens the archive that has the frames which log.db no longer has; without it they cannot be read. */
  readonly openArchive?: OpenArchive | undefined
  /** Whether readers give records with their traces. */
  readonly hasTraces?: boolean | undefined
}

/** The state file of one cycle. */
export interface FolderState {
  /** Its name in the folder. */
  readonly stateFile: string
  /** Why the file cannot be used, while those of other cycles can: it must not be folded, and its reader answers each question with the failure. */
  readonly failure: RondoError | undefined
  reader(): LogReader
  stateReader(): StateReader
}

/** The state of a cycle that is added. */
export interface AddedState extends FolderState {
  /** The cycle is not added after all: a file that was made for it is deleted. Its readers must be closed before. */
  discard(): void
}

/**
 * A folder with all data of one Rondo: log.db, a state file for each cycle, and lock.db. A process opens it once, before anything else uses its
 * files; another thread of the process then reads and commits by {@link joinDataFolder}. Its own reader and stateReader are those of the first cycle.
 */
export interface DataFolder extends FolderState {
  readonly path: string
  /** The one writer of log.db. */
  readonly writer: FolderLog
  /** The state of each cycle, in the order in which they were given. */
  readonly states: readonly FolderState[]
  /** State files that are neither folded nor shown, and kept. */
  readonly unused: StateFiles['unused']
  /**
   * Makes a state for a cycle that is added while others are folded, or opens the one that it had before.
   * @throws RondoError RONDO_DATA_*, as {@link openDataFolder}
   */
  addState(state: StateOptions): AddedState
  /** @param onSkipped called with the sentence that reports an act of a later release, which this one does not know */
  adminLog(onSkipped?: (text: string) => void): FolderActs
  /** Refused events; to be closed before the folder. Each cycle refuses the same records of the log, so those of the first that can be read are shown. */
  refusedStore(): RefusedStore
  /** Writes what is pending, closes the writer and releases the lock. Readers must be closed before. */
  close(): Promise<void>
}

/**
 * Opens the folder; the folder and missing files are created. If a state file is missing it is created again, and the log is
 * folded again from its beginning for its cycle. A state file that cannot be used is the failure of its cycle, if that of another one can be.
 * @throws RondoError RONDO_DATA_LOCKED, _FOREIGN, _CORRUPT, _FULL, _UNREADABLE, or _MISMATCH if a state file was made with another definition
 */
export function openDataFolder({ others = [], ...options }: DataFolderOptions): DataFolder {
  const path = resolve(options.path)
  const { partitions, openArchive, hasTraces } = options
  const { prepared, writer, close } = openLog(path, partitions, (log) => prepareFiles(path, { partitions, states: [options, ...others] }, log))
  const stateOf = ({ name, readModelTables, failure }: PreparedState): FolderState => {
    const file = join(path, name)
    return {
      stateFile: name,
      failure,
      reader: () => readerOf({ folder: path, partitions, stateFile: file, readModelTables, openArchive, hasTraces }),
      stateReader: () => (failure === undefined ? new SqliteStateReader(file) : new UnreadableState(failure)),
    }
  }
  const states = prepared.states.map(stateOf)
  const [first] = states as [FolderState, ...FolderState[]]
  const usable = states.find((state) => state.failure === undefined) ?? first
  return {
    ...first,
    path,
    writer,
    states,
    unused: prepared.unused,
    addState(state) {
      const added = addState(path, { folder: prepared.folder, ...state.identity }, { used: states.map(({ stateFile: name }) => name), ...state })
      const opened = stateOf(added)
      states.push(opened)
      prepared.note(states.map(({ stateFile: used }) => used))
      const discard = (): void => {
        states.splice(states.indexOf(opened), 1)
        prepared.note(states.map(({ stateFile: used }) => used))
        if (added.isNew) removeState(join(path, added.name))
      }
      return { ...opened, discard }
    },
    adminLog: (onSkipped) => new SqliteAdminLog(writer, onSkipped),
    refusedStore: () => new FolderRefused(writer, usable.stateReader()),
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
  return openLog(path, partitions, ({ db, isNew }) => {
    if (isNew) checkNoState(path)
    withinFile(join(path, 'log.db'), () => noteNoFolds(db))
  })
}

/** Locks the folder and opens the writer of its log; a missing folder is created. */
function openLog<T>(path: string, partitions: number, prepare: (log: { db: DatabaseSync; isNew: boolean }) => T) {
  makeFolder(path)
  const lock = lockFolder(path)
  try {
    const log = openDatabase(join(path, 'log.db'), logFile)
    try {
      const prepared = prepare(log)
      const writer = new SqliteLogWriter(log.db, join(path, 'log.db'), partitions)
      const close = async (): Promise<void> => {
        await writer.close()
        lock.release()
      }
      return { prepared, writer, close }
    } catch (error) {
      log.db.close()
      throw error
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The connection of the thread that folds a cycle; the process has opened the folder with the same options. */
export function joinDataFolder({ path, stateFile: name = FIRST_STATE_FILE, ...options }: JoinOptions): LogReader {
  const folder = resolve(path)
  return readerOf({ ...options, folder, stateFile: join(folder, name) })
}

function readerOf({ openArchive, ...options }: ReaderOptions): LogReader {
  const reader = new SqliteLogReader(options)
  return archivedReader(reader, async () => {
    const { archive } = reader
    return archive === undefined ? undefined : await openArchive?.(archive.folder, archive.log)
  })
}

/** Which state of a folder is folded; that of the only cycle unless its file is named. */
type JoinOptions = Pick<DataFolderOptions, 'path' | 'partitions' | 'readModelTables' | 'openArchive' | 'hasTraces'> & Partial<Pick<FolderState, 'stateFile'>>
/** How a state is folded: its file by its path. */
type ReaderOptions = ConstructorParameters<typeof SqliteLogReader>[0] & Pick<DataFolderOptions, 'openArchive'>

/** A state file that was checked. */
interface PreparedState {
  readonly name: string
  readonly readModelTables: ReadModelTables | undefined
  readonly failure: RondoError | undefined
}

/** Checks that all files belong to this folder and to the definitions for which it is opened. @returns the state files */
function prepareFiles(
  path: string,
  { partitions, states }: { partitions: number; states: readonly StateOptions[] },
  log: { db: DatabaseSync; isNew: boolean },
) {
  const logPath = join(path, 'log.db')
  if (log.isNew) checkNoState(path)
  const folder = withinFile(logPath, () => metaOf(log.db).get('folder')) ?? randomId()
  withinFile(logPath, () => checkMeta(log.db, logPath, { folder, partitions: String(partitions) }))
  const files = stateFilesOf(
    path,
    states.map(({ identity }) => identity['cycle']),
  )
  const made = files.names.filter((name) => !existsSync(join(path, name)))
  const prepared = states.map(({ identity, readModelTables }, at): PreparedState => {
    const name = files.names[at] as string
    return { name, readModelTables, failure: prepareState(join(path, name), { folder, ...identity }, readModelTables) }
  })
  const [first] = prepared
  if (first?.failure !== undefined && prepared.every(({ failure }) => failure !== undefined)) throw first.failure
  const note = (names: readonly string[]): void => withinFile(logPath, () => noteFolds(log.db, names))
  withinFile(logPath, () => noteFolds(log.db, files.names, made))
  return { folder, states: prepared, unused: files.unused, note }
}

/** @param expected the identity of the state @param used the files of the other states */
function addState(
  path: string,
  expected: StateOptions['identity'],
  { used, readModelTables }: Pick<StateOptions, 'readModelTables'> & { used: readonly string[] },
) {
  const name = addedStateFile(path, expected['cycle'] ?? '', used)
  const isNew = !existsSync(join(path, name))
  const failure = prepareState(join(path, name), expected, readModelTables)
  if (failure === undefined) return { name, isNew, readModelTables, failure }
  if (isNew) removeState(join(path, name))
  throw failure
}

/** Deletes a state file that nothing was folded into. */
function removeState(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
}

/** @returns why the file cannot be used, if the states of other cycles can be */
function prepareState(path: string, expected: Readonly<Record<string, string>>, readModelTables: ReadModelTables | undefined): RondoError | undefined {
  try {
    const state = openDatabase(path, stateFile)
    try {
      withinFile(path, () => {
        checkMeta(state.db, path, expected)
        inTransaction(state.db, () => readModelTables?.open(state.db))
      })
    } finally {
      state.db.close()
    }
    // Its statements find damage that the identity does not show.
    new SqliteStateReader(path).close()
    return undefined
  } catch (failure) {
    return stateFailure(failure)
  }
}

/** A state file with content belongs to a log.db, and not to one that was just created. */
function checkNoState(path: string): void {
  const [statePath] = filledStateFiles(path)
  if (statePath === undefined) return
  throw new RondoError(
    'RONDO_DATA_MISMATCH',
    `The file ${statePath} is there, but ${join(path, 'log.db')} that it was made from is missing. Put it back, or choose another data folder.`,
  )
}
