import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Instant, RondoError } from '#contracts'
import { type ActivityState, readActivityState } from '../activity/activity-state.ts'
import { joinDatabase } from './database-file.ts'
import { metaOf } from './file-identity.ts'
import { folderHeldSince } from './folder-lock.ts'
import { countRecords, type FoldsNote, readFoldsNote } from './folds-note.ts'
import { logFile } from './log-file.ts'
import { withinFile } from './sqlite-failure.ts'
import { SqliteStateReader, type StateReader } from './sqlite-state-reader.ts'
import { stateFile } from './state-file.ts'
import { UnreadableState } from './unreadable-state.ts'

/** The state of the fold of a cycle. */
interface InspectedState {
  /** Why the file cannot be read. */
  readonly failure: RondoError | undefined
  /** Whether the process that has the folder, or had it last, folds this state. */
  readonly isFolded: boolean
  /** How many records the log had when the fold of this state began. */
  readonly builtAt: number
  /** Undefined if nothing was folded yet. */
  readonly cycle: string | undefined
  /** The fingerprint of the rules by which it is folded; undefined as `cycle`. */
  readonly definition: string | undefined
  /** To be closed. */
  readonly reader: StateReader
}

/** A data folder as an operator sees it. */
export interface FolderInspection {
  /** When the process began that has the folder now; undefined if none has it. */
  readonly runsSince: Instant | undefined
  readonly activity: ActivityState
  /** The number of records in the log. */
  readonly records: number
  readonly refused: { readonly records: number; readonly bytes: number }
  /** Those that are folded in the order of their definitions, then the others by their names. */
  readonly states: readonly InspectedState[]
}

const STATE_FILE = /^state(-.+)?\.db$/

/**
 * Looks at a data folder without locking or changing it, also while a process runs on it.
 * @throws RondoError RONDO_ARGUMENT_INVALID if no Rondo has used the folder; RONDO_DATA_*
 */
export function inspectFolder(folder: string): FolderInspection {
  const path = join(resolve(folder), 'log.db')
  if (!existsSync(path)) throw new RondoError('RONDO_ARGUMENT_INVALID', `There is no file ${path}: no Rondo has used this folder. Name another with --data.`)
  const db = joinDatabase(path, logFile, 'read')
  try {
    return withinFile(path, () => {
      const note = db.prepare("SELECT value FROM notes WHERE name = 'activity'").get()?.['value']
      const refused = db.prepare('SELECT count(*) AS records, coalesce(sum(octet_length(record)), 0) AS bytes FROM quarantine').get()
      return {
        runsSince: folderHeldSince(resolve(folder)),
        activity: readActivityState(note as string | undefined),
        records: countRecords(db),
        refused: refused as unknown as FolderInspection['refused'],
        states: statesOf(folder, readFoldsNote(db)),
      }
    })
  } finally {
    db.close()
  }
}

/** @param note undefined in a folder of an earlier release: all states count as folded */
function statesOf(folder: string, note: FoldsNote | undefined): InspectedState[] {
  const stored = readdirSync(folder).filter((name) => STATE_FILE.test(name))
  const folded = note?.states.map(({ file }) => file).filter((name) => stored.includes(name)) ?? []
  const names = [...folded, ...stored.filter((name) => !folded.includes(name)).sort()]
  return names.map((name) => {
    const path = join(resolve(folder), name)
    const isFolded = note === undefined || (note.isFolding && folded.includes(name))
    const noted = { isFolded, builtAt: note?.states.find(({ file }) => file === name)?.builtAt ?? 0 }
    try {
      const db = joinDatabase(path, stateFile, 'read')
      try {
        const meta = withinFile(path, () => metaOf(db))
        return { ...noted, cycle: meta.get('cycle'), definition: meta.get('definition'), failure: undefined, reader: new SqliteStateReader(path) }
      } finally {
        db.close()
      }
    } catch (failure) {
      if (!(failure instanceof RondoError)) throw failure
      return { ...noted, cycle: undefined, definition: undefined, failure, reader: new UnreadableState(failure) }
    }
  })
}
