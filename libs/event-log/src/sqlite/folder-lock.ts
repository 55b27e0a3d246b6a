import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RondoError } from '#contracts'
import { fileFailure } from './sqlite-failure.ts'

/** What a folder that is locked has: the lock is held while a Rondo runs on it, or while an archive is written. */
type LockedFolder = 'data' | 'archive'

/** Held by the one process that uses a data folder. The system releases it when the process ends, however it ends. */
export interface FolderLock {
  release(): void
}

/**
 * Takes the lock of a data folder or of an archive: a write transaction on lock.db that is never committed. Others can still read there which process holds it.
 * @throws RondoError RONDO_DATA_LOCKED if a process, also this one, holds it already
 */
export function lockFolder(folder: string, content: LockedFolder = 'data'): FolderLock {
  const path = join(folder, 'lock.db')
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    // The header field for a schema's version contains the process id of the holder.
    db.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${process.pid}; COMMIT; BEGIN IMMEDIATE`)
    const held = db
    return {
      release() {
        if (held.isOpen) held.close()
      },
    }
  } catch (cause) {
    const failure = fileFailure(path, cause)
    const holder = failure.code === 'RONDO_DATA_LOCKED' && db !== undefined ? holderOf(db) : ''
    db?.close()
    throw failure.code === 'RONDO_DATA_LOCKED' ? folderInUse(dirname(path), holder, content) : failure
  }
}

function folderInUse(folder: string, holder: string, content: LockedFolder): RondoError {
  const sentence =
    content === 'archive'
      ? `The archive ${folder} is being written by another Rondo process${holder}. Wait until that one has ended, or stop it.`
      : `The data folder ${folder} is in use by another Rondo process${holder}. Stop that one, or choose another data folder.`
  return new RondoError('RONDO_DATA_LOCKED', sentence, { retriable: true })
}

function holderOf(db: DatabaseSync): string {
  try {
    return ` (process ${db.prepare('PRAGMA user_version').get()?.['user_version']})`
  } catch {
    return ''
  }
}
