import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Position } from '#contracts'
import type { CompiledCycle } from '#cycle'
import { type DataFolder, FolderHistory, type FolderState } from '#event-log'
import { historyFailure } from '#history'
import { openCycleFolder } from '#projections'
import { compareHistories } from './compare-histories.ts'
import { compareModels, compareRecords } from './compare-states.ts'
import type { Differences } from './differences.ts'
import { foldAgain, isAt } from './fold-again.ts'
import { folderRecords } from './folder-records.ts'
import { followAgain } from './follow-again.ts'

/** A folder has one. */
const PARTITION = 0

/** What is verified, and where the same is made again. */
export interface VerifyOptions {
  readonly data: string
  readonly archive: string | undefined
  /** An empty folder. */
  readonly scratch: string
  readonly cycle: CompiledCycle
  readonly differences: Differences
  readonly show: (text: () => string) => Promise<void>
  readonly stop: AbortSignal
}

/** How much was compared. `rows` is undefined if no history is kept, and 0 if it is damaged. */
export interface Verified {
  readonly outputs: number
  readonly actors: number
  readonly rows: number | undefined
}

/** The source of a log, opened. */
type Records = ReturnType<typeof folderRecords>

/**
 * Computes one cycle of a data folder again from its log, and compares all of it with what the folder has.
 * @throws RondoError RONDO_DATA_LOCKED if a Rondo runs on the folder; RONDO_LOG_INCOMPLETE if a part of the log is missing; other RONDO_DATA_*
 */
export async function verifyCycle(options: VerifyOptions): Promise<Verified> {
  const { data, archive, scratch, cycle } = options
  const log = new FolderHistory(data)
  const records = folderRecords(log, archive)
  try {
    const stored = openCycleFolder(data, cycle)
    try {
      const again = openCycleFolder(join(scratch, 'folded'), cycle)
      try {
        return await verifyFolders({ stored, again, records, log: log.name }, options)
      } finally {
        await again.close()
      }
    } finally {
      await stored.close()
    }
  } finally {
    await records.close()
  }
}

/** The folder that is verified, and the one that is made again. */
interface Folders {
  readonly stored: DataFolder
  readonly again: DataFolder
  readonly records: Records
  readonly log: FolderHistory['name']
}

async function verifyFolders(folders: Folders, options: VerifyOptions): Promise<Verified> {
  const { stored, again, records } = folders
  const { cycle, differences, show, stop } = options
  const position = await positionOf(stored)
  if (position !== undefined) {
    const onProgress = (offset: number) => show(() => `folded ${offset} of ${position.offset + 1} records of the log`)
    await foldAgain(again, { cycle, records: records.read, position, stop, onProgress })
    const reached = await positionOf(again)
    if (!isAt(reached, position)) differences.compare('position', 'position', { stored: position, expected: reached })
  }
  const states = { stored: stored.stateReader(), expected: again.stateReader() }
  try {
    const outputs = await compareRecords(states, differences, (count) => show(() => `compared ${count} records`))
    const actors = await compareModels(states, differences, (count) => show(() => `compared the read models of ${count} actors`))
    return { outputs, actors, rows: await verifyHistory(folders, states, options) }
  } finally {
    states.stored.close()
    states.expected.close()
  }
}

/** @returns how many rows there are; undefined if no history is kept */
async function verifyHistory(
  { stored, records, log }: Folders,
  states: { readonly stored: ReturnType<FolderState['stateReader']>; readonly expected: ReturnType<FolderState['stateReader']> },
  { scratch, cycle, differences, show, stop }: VerifyOptions,
): Promise<number | undefined> {
  const path = join(resolve(stored.path), `history-${cycle.cycle}.duckdb`)
  if (!existsSync(path)) return undefined
  const onProgress = (rows: number) => show(() => `made ${rows} rows of the history`)
  const following = { cycle, log, records: records.read, stop, onProgress }
  // A history may be behind the state by what its last second had: it follows first, as at each start of Rondo.
  const found = await unlessDamaged(path, differences, () => followAgain({ ...following, path, state: states.stored }))
  if (found === undefined) return 0
  try {
    if (found.rebuilt !== undefined) differences.add('history', `the file could not be used (${found.rebuilt}), and was made again`)
    const expected = await followAgain({ ...following, path: join(scratch, 'history.duckdb'), state: states.expected })
    try {
      return (await unlessDamaged(path, differences, () => compareHistories({ stored: found, expected }, differences))) ?? 0
    } finally {
      await expected.close()
    }
  } finally {
    await found.close()
  }
}

/** What is done with a stored history; undefined, and a difference, if it turns out to be damaged. */
async function unlessDamaged<Result>(path: string, differences: Differences, use: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await use()
  } catch (cause) {
    const failure = historyFailure(path, cause)
    if (failure.code !== 'RONDO_DATA_CORRUPT') throw cause
    differences.add('history', `it cannot be compared. ${failure.message}`)
    return undefined
  }
}

async function positionOf(folder: DataFolder): Promise<Position | undefined> {
  const state = folder.stateReader()
  try {
    return await state.position(PARTITION)
  } finally {
    state.close()
  }
}
