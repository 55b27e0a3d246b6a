import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Instant, RondoError } from '#contracts'
import { fileFailure } from './sqlite-failure.ts'

/** What a folder that is locked has: the lock is held while a Rondo runs on it, or while an archive is written. */
type LockedFolder = 'data' | 'archive'

/** {@link folderHeldSince} takes the lock for an instant, to see whether it is free: who wants it then waits for that. */
const PROBE_MS = 250

/** Held by the one process that uses a data folder. The system releases it when the process ends, however it ends. */
export interface FolderLock {
  release(): void
}

/** The locks that this process holds. The system would release one whose object is collected as garbage. */
const heldLocks = new Set<DatabaseSync>()

/**
 * Takes the lock of a data folder or of an archive: a write transaction on lock.db that is never committed. Others can still read there which process holds it.
 * @throws RondoError RONDO_DATA_LOCKED if a process, also this one, holds it already
 */
export function lockFolder(folder: string, content: LockedFolder = 'data'): FolderLock {
  const path = join(folder, 'lock.db')
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: PROBE_MS })
    // The header field for a schema's version contains the process id of the holder.
    db.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${process.pid}; COMMIT; BEGIN IMMEDIATE`)
    const held = db
    heldLocks.add(held)
    return {
      release() {
        heldLocks.delete(held)
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

/**
 * When the process that holds the lock of a data folder took it; undefined if none holds it. Nothing is changed.
 * @throws RondoError RONDO_DATA_UNREADABLE
 */
export function folderHeldSince(folder: string): Instant | undefined {
  const path = join(folder, 'lock.db')
  if (!existsSync(path)) return undefined
  const db = new DatabaseSync(path, { timeout: 0 })
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK')
    return undefined
  } catch (cause) {
    const failure = fileFailure(path, cause)
    if (failure.code !== 'RONDO_DATA_LOCKED') throw failure
    return statSync(path).mtimeMs
  } finally {
    db.close()
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
