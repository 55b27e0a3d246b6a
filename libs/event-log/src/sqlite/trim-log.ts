import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { RondoError } from '#contracts'
import { inPhase } from '#runtime'
import type { FolderLog } from '../folder-log.ts'
import { openFolderWriter } from './data-folder.ts'
import { joinDatabase } from './database-file.ts'
import { logFile } from './log-file.ts'
import { withinFile } from './sqlite-failure.ts'

/** So many frames are removed in one transaction at most. */
const FRAMES_AT_ONCE = 128

/** What is removed from the log of a folder: the frames of a partition from its beginning to an offset, which an archive has. */
export interface TrimRange {
  readonly partition: number
  readonly begin: number
  readonly below: number
  readonly archive: string
  readonly signal?: AbortSignal
}

/** Removes frames step by step, so that appends come between. An interrupted one leaves a log that begins later than before, without a gap. */
export async function trimLog(log: FolderLog, { partition, begin, below, archive, signal }: TrimRange): Promise<void> {
  for (let at = begin; at < below && signal?.aborted !== true; at += FRAMES_AT_ONCE) {
    await log.append(partition, [], { trim: { below: Math.min(below, at + FRAMES_AT_ONCE), archive: resolve(archive) } })
    await nextTurn()
  }
}

/** The log of a stopped Rondo whose folder is locked, so that no Rondo can start on it while it is trimmed. */
export interface FolderTrim {
  /**
   * Removes frames.
   * @param isCompacted whether the file is then written again in the smallest form, which later trims keep small; it needs as much free disk as the
   * rest of the log takes
   */
  trim(ranges: readonly TrimRange[], isCompacted: boolean): Promise<void>
  /** Gives the folder free. */
  close(): Promise<void>
}

/** Locks a folder for a trim of its log. @throws RondoError RONDO_DATA_LOCKED if a Rondo runs on the folder; other RONDO_DATA_* */
export function openFolderTrim(folder: string, partitions: number): FolderTrim {
  if (!existsSync(join(folder, 'log.db'))) throw new RondoError('RONDO_DATA_UNREADABLE', `There is no log.db in ${folder}. Name the data folder of a Rondo.`)
  const { writer, close } = openFolderWriter(folder, partitions)
  return {
    async trim(ranges, isCompacted) {
      for (const range of ranges) await trimLog(writer, range)
      if (isCompacted) compact(join(folder, 'log.db'))
    },
    close,
  }
}

/** Writes a file again without its free pages. SQLite does it in a transaction: after a crash the file is as before. */
function compact(path: string): void {
  const db = joinDatabase(path, logFile, 'write')
  try {
    inPhase('log-compact', () => withinFile(path, () => db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')))
  } finally {
    db.close()
  }
}
