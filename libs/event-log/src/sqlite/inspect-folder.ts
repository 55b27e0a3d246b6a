import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { RondoError } from '#contracts'
import { type ActivityState, readActivityState } from '../activity/activity-state.ts'
import { joinDatabase } from './database-file.ts'
import { metaOf } from './file-identity.ts'
import { logFile } from './log-file.ts'
import { withinFile } from './sqlite-failure.ts'
import { SqliteStateReader, type StateReader } from './sqlite-state-reader.ts'
import { stateFile } from './state-file.ts'
import { UnreadableState } from './unreadable-state.ts'

/** The state of the fold of a cycle. */
interface InspectedState {
  /** Why the file cannot be read. */
  readonly failure: RondoError | undefined
  /** Undefined if nothing was folded yet. */
  readonly cycle: string | undefined
  /** To be closed. */
  readonly reader: StateReader
}

/** A data folder as an operator sees it. */
export interface FolderInspection {
  readonly activity: ActivityState
  /** The number of records in the log. */
  readonly records: number
  readonly refused: { readonly records: number; readonly bytes: number }
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
      const { records } = db.prepare('SELECT coalesce(max("offset") + 1, 0) AS records FROM frames WHERE partition = 0').get() as { records: number }
      const refused = db.prepare('SELECT count(*) AS records, coalesce(sum(octet_length(record)), 0) AS bytes FROM quarantine').get()
      return {
        activity: readActivityState(note as string | undefined),
        records,
        refused: refused as unknown as FolderInspection['refused'],
        states: statesOf(folder),
      }
    })
  } finally {
    db.close()
  }
}

function statesOf(folder: string): InspectedState[] {
  const names = readdirSync(folder).filter((name) => STATE_FILE.test(name))
  return names.sort().map((name) => {
    const path = join(resolve(folder), name)
    try {
      const db = joinDatabase(path, stateFile, 'read')
      try {
        return { cycle: withinFile(path, () => metaOf(db).get('cycle')), failure: undefined, reader: new SqliteStateReader(path) }
      } finally {
        db.close()
      }
    } catch (failure) {
      if (!(failure instanceof RondoError)) throw failure
      return { cycle: undefined, failure, reader: new UnreadableState(failure) }
    }
  })
}
