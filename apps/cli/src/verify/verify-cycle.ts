import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Position } from '#contracts'
import type { CompiledCycle } from '#cycle'
import { type DataFolder, FolderHistory, type FolderRecords, folderRecords, type StateReader } from '#event-log'
import { historyFailure } from '#history'
import { openCycleFolder, SqliteReadModels } from '#projections'
import { compareHistories } from './compare-histories.ts'
import { askingBoth, type Compared, compareModels } from './compare-models.ts'
import { compareRecords, outputsOf, type ReadList, textsOf } from './compare-records.ts'
import type { ComparedPart, Differences } from './differences.ts'
import { foldAgain, isAt } from './fold-again.ts'
import { followAgain } from './follow-again.ts'

/** A folder has one. */
const PARTITION = 0
/** A data folder folds its log once. */
const GENERATION = 1

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

/** How much was compared. */
export interface Verified {
  readonly outputs: number
  /** Undefined if the read models were not compared. */
  readonly actors: number | undefined
  /** The rows of the history: 0 if it is damaged, a text that says why it was not compared if it was not. */
  readonly rows: number | string
}

/**
 * Computes one cycle of a data folder again from its log, and compares all of it with what the folder has.
 * @throws RondoError RONDO_DATA_LOCKED if a Rondo runs on the folder; RONDO_LOG_INCOMPLETE if a part of the log is missing; other RONDO_DATA_*
 */
export async function verifyCycle(options: VerifyOptions): Promise<Verified> {
  const { data, archive, scratch, cycle } = options
  const log = new FolderHistory(data)
  // Parquet is loaded only where the log no longer has all of its frames.
  const records = folderRecords(log, async (folder) => new (await import('#archive')).FolderArchive(folder, log.name), archive)
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
  readonly records: FolderRecords
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
    const outputs = await compareLists(states, options)
    const models = { stored: new SqliteReadModels(states.stored), expected: new SqliteReadModels(states.expected) }
    differences.compare('read models', 'log time', { stored: await models.stored.asOf(), expected: await models.expected.asOf() })
    const onActors = (count: number) => show(() => `compared the read models of ${count} actors`)
    const actors = await compareModels(askingBoth(models), [states.expected], differences, onActors)
    return { outputs, actors, rows: (await verifyHistory(folders, states, options)) ?? 'no history is kept' }
  } finally {
    states.stored.close()
    states.expected.close()
  }
}

/** Compares outputs, late events and refused records. @returns how many outputs there are */
async function compareLists({ stored, expected }: Compared<StateReader>, { differences, show }: VerifyOptions): Promise<number> {
  const compare = (part: ComparedPart, name: string, listOf: (state: StateReader) => ReadList) =>
    compareRecords({ part, name, stored: listOf(stored), expected: listOf(expected), hasSameCursors: true }, differences, (count) =>
      show(() => `compared ${count} ${part}`),
    )
  const outputs = await compare('outputs', 'output', outputsOf)
  await compare('late events', 'late event', (state) => textsOf((after, limit) => state.late(after, limit)))
  await compare('quarantine', 'record', (state) => textsOf((after, limit) => state.quarantine(after, limit)))
  return outputs
}

/** @returns how many rows there are; undefined if no history is kept */
async function verifyHistory(
  { stored, records, log }: Folders,
  states: Compared<StateReader>,
  { scratch, cycle, differences, show, stop }: VerifyOptions,
): Promise<number | undefined> {
  const path = join(resolve(stored.path), `history-${cycle.cycle}.duckdb`)
  if (!existsSync(path)) return undefined
  const onProgress = (rows: number) => show(() => `made ${rows} rows of the history`)
  const following = { cycle, generation: GENERATION, log, stop, onProgress }
  const folded = (state: StateReader) => [{ state, records: records.read }]
  // A history may be behind the state by what its last second had: it follows first, as at each start of Rondo.
  const found = await unlessDamaged(path, differences, () => followAgain({ ...following, path, partitions: folded(states.stored) }))
  if (found === undefined) return 0
  try {
    if (found.rebuilt !== undefined) differences.add('history', `the file could not be used (${found.rebuilt}), and was made again`)
    const expected = await followAgain({ ...following, path: join(scratch, 'history.duckdb'), partitions: folded(states.expected) })
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
