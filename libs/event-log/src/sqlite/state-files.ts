import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { RondoError } from '#contracts'
import { joinDatabase, openDatabase } from './database-file.ts'
import { metaOf } from './file-identity.ts'
import { stateFailure, withinFile } from './sqlite-failure.ts'
import { stateFile } from './state-file.ts'

/** The state file of the first cycle of a folder, and of folders that were made when a Rondo ran one cycle. */
export const FIRST_STATE_FILE = 'state.db'
const OTHERS = /^state-(.+)\.db$/
const fileOf = (cycle: string): string => `state-${cycle}.db`

/** A state file that is neither folded nor shown. */
interface UnusedState {
  readonly name: string
  /** The cycle that it was made for; that of its name if it cannot be read. */
  readonly cycle: string
  /** Why it cannot be read, because it is damaged or of another program. */
  readonly failure: RondoError | undefined
}

/** The names of the state files of a folder. */
export interface StateFiles {
  /** The file of each cycle, in their order. */
  readonly names: readonly string[]
  /** The other files that have the name of a state file. */
  readonly unused: readonly UnusedState[]
}

/**
 * Which file has the state of which cycle: `state.db` belongs to the cycle that it was made for, whatever the order of the definitions. If it is free, it
 * goes to the first cycle that has no file yet. Each other cycle has its name in that of its file.
 * @param cycles their names; undefined for a state that belongs to no cycle, which is always in `state.db`
 */
export function stateFilesOf(folder: string, cycles: readonly (string | undefined)[]): StateFiles {
  const first = existsSync(join(folder, FIRST_STATE_FILE)) ? cycleOf(join(folder, FIRST_STATE_FILE)) : undefined
  const isStored = (cycle: string): boolean => existsSync(join(folder, fileOf(cycle)))
  const owner = first ?? cycles.find((cycle) => cycle === undefined || !isStored(cycle))
  const names = cycles.map((cycle) => (cycle === undefined || cycle === owner ? FIRST_STATE_FILE : fileOf(cycle)))
  const unused = stateNames(folder).filter((name) => !names.includes(name))
  return { names, unused: cycles.includes(undefined) ? [] : unused.map((name) => unusedState(folder, name)) }
}

/** The state file of a cycle that is added while others are folded: the one that it left there, or one with its name. */
export function addedStateFile(folder: string, cycle: string, used: readonly string[]): string {
  const unused = stateNames(folder).filter((name) => !used.includes(name))
  return unused.find((name) => unusedState(folder, name).cycle === cycle) ?? fileOf(cycle)
}

/** The state files of a folder that have content. */
export function filledStateFiles(folder: string): string[] {
  return stateNames(folder)
    .map((name) => join(folder, name))
    .filter((path) => metaOfState(path).size > 0)
}

/** The files that have the name of a state file: `state.db` first. */
function stateNames(folder: string): string[] {
  const names = readdirSync(folder).sort()
  return [...names.filter((name) => name === FIRST_STATE_FILE), ...names.filter((name) => OTHERS.test(name))]
}

/** The cycle that a state file was made for; undefined if it has none yet, or if the file cannot be read, which is reported when it is opened. */
function cycleOf(path: string): string | undefined {
  try {
    return metaOfState(path).get('cycle')
  } catch (failure) {
    stateFailure(failure)
    return undefined
  }
}

/** Reads a file that is not used, without a change to it. */
function unusedState(folder: string, name: string): UnusedState {
  const path = join(folder, name)
  const named = OTHERS.exec(name)?.[1] ?? ''
  try {
    const db = joinDatabase(path, stateFile, 'read')
    try {
      return { name, cycle: withinFile(path, () => metaOf(db).get('cycle')) ?? named, failure: undefined }
    } finally {
      db.close()
    }
  } catch (failure) {
    if (failure instanceof RondoError) return { name, cycle: named, failure }
    throw failure
  }
}

function metaOfState(path: string): Map<string, string> {
  const { db } = openDatabase(path, stateFile)
  try {
    return withinFile(path, () => metaOf(db))
  } finally {
    db.close()
  }
}
