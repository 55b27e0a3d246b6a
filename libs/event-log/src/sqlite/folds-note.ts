import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from './database-file.ts'

/** A state that is folded. */
interface FoldedState {
  /** The name of its file. */
  readonly file: string
  /** How many records the log had when the fold of this state began: until it is there, the cycle is being built. */
  readonly builtAt: number
}

/** Which states the process folds that has opened the folder, in the order of their definitions; kept as a note of log.db, for those who look at the folder from outside. */
export interface FoldsNote {
  /** False while the folder is open for something else, such as a trim. */
  readonly isFolding: boolean
  readonly states: readonly FoldedState[]
}

const NAME = 'folds'

/** @returns undefined if only earlier releases have used the folder */
export function readFoldsNote(db: DatabaseSync): FoldsNote | undefined {
  const value = db.prepare('SELECT value FROM notes WHERE name = ?').get(NAME)?.['value']
  return value === undefined ? undefined : (JSON.parse(String(value)) as FoldsNote)
}

/**
 * Notes which states are folded from now on. A state that was not folded before is behind the log by what the log has now.
 * @param made the files that were made just now
 */
export function noteFolds(db: DatabaseSync, files: readonly string[], made: readonly string[] = []): void {
  const before = readFoldsNote(db)
  const builtAt = (file: string): number => {
    if (made.includes(file)) return countRecords(db)
    return before === undefined ? 0 : (before.states.find((state) => state.file === file)?.builtAt ?? countRecords(db))
  }
  writeNote(db, before, { isFolding: true, states: files.map((file) => ({ file, builtAt: builtAt(file) })) })
}

/** Notes that nothing is folded by the process that has the folder now. */
export function noteNoFolds(db: DatabaseSync): void {
  const before = readFoldsNote(db)
  if (before !== undefined) writeNote(db, before, { ...before, isFolding: false })
}

/** The number of records that a log has or had. */
export function countRecords(db: DatabaseSync): number {
  return Number(db.prepare('SELECT coalesce(max("offset") + 1, 0) AS records FROM frames WHERE partition = 0').get()?.['records'])
}

/** What has not changed is not written: each write is a sync of the disk. */
function writeNote(db: DatabaseSync, before: FoldsNote | undefined, note: FoldsNote): void {
  const value = JSON.stringify(note)
  if (before !== undefined && JSON.stringify(before) === value) return
  inTransaction(db, () => db.prepare('INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(NAME, value))
}
