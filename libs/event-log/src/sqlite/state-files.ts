import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from './database-file.ts'
import { metaOf } from './file-identity.ts'
import { withinFile } from './sqlite-failure.ts'
import { stateFile } from './state-file.ts'

/** The state file of the first cycle of a folder, and of folders that were made when a Rondo ran one cycle. */
export const FIRST_STATE_FILE = 'state.db'
const OTHERS = /^state-(.+)\.db$/
const fileOf = (cycle: string): string => `state-${cycle}.db`

/** The names of the state files of a folder. */
export interface StateFiles {
  /** The file of each cycle, in their order. */
  readonly names: readonly string[]
  /** The files of cycles that are not among them. */
  readonly unused: readonly { readonly name: string; readonly cycle: string }[]
}

/**
 * Which file has the state of which cycle: `state.db` belongs to the cycle that it was made for, whatever the order of the definitions. If it is free, it
 * goes to the first cycle that has no file yet. Each other cycle has its name in that of its file.
 * @param cycles their names; undefined for a state that belongs to no cycle, which is always in `state.db`
 */
export function stateFilesOf(folder: string, cycles: readonly (string | undefined)[]): StateFiles {
  const first = existsSync(join(folder, FIRST_STATE_FILE)) ? metaOfState(join(folder, FIRST_STATE_FILE)).get('cycle') : undefined
  const isStored = (cycle: string): boolean => existsSync(join(folder, fileOf(cycle)))
  const owner = first ?? cycles.find((cycle) => cycle === undefined || !isStored(cycle))
  const names = cycles.map((cycle) => (cycle === undefined || cycle === owner ? FIRST_STATE_FILE : fileOf(cycle)))
  const unused = [...(first === undefined ? [] : [{ name: FIRST_STATE_FILE, cycle: first }]), ...others(folder)].filter(({ name }) => !names.includes(name))
  return { names, unused: cycles.includes(undefined) ? [] : unused }
}

/** The state files of a folder that have content. */
export function filledStateFiles(folder: string): string[] {
  const names = [...(existsSync(join(folder, FIRST_STATE_FILE)) ? [FIRST_STATE_FILE] : []), ...others(folder).map(({ name }) => name)]
  return names.map((name) => join(folder, name)).filter((path) => metaOfState(path).size > 0)
}

function others(folder: string): { name: string; cycle: string }[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const [, cycle] = OTHERS.exec(name) ?? []
      return cycle === undefined ? [] : [{ name, cycle }]
    })
}

function metaOfState(path: string): Map<string, string> {
  const { db } = openDatabase(path, stateFile)
  try {
    return withinFile(path, () => metaOf(db))
  } finally {
    db.close()
  }
}
