import { join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { RondoError } from '#contracts'
import { bufferFile } from './buffer-file.ts'
import { BufferPart, type BufferPlace, checkFrames } from './buffer-part.ts'
import { inTransaction, openDatabase } from './database-file.ts'
import { DiskReserve } from './disk-reserve.ts'
import { fitsShare } from './fair-share.ts'
import { checkMeta, metaOf } from './file-identity.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { makeFolder } from './make-folder.ts'
import { withinFile } from './sqlite-failure.ts'

/** Where a buffer is and how much it may hold. */
export interface EventBufferOptions {
  /** Of one ingest process; created if it is missing. */
  readonly folder: string
  readonly bytesMax: number
  /** What the frames belong to (cluster, prefix of the topics, partitions): fixed while there are any. */
  readonly identity: Readonly<Record<string, string>>
}

const REMEDY = 'The events in it were answered and are not in the log yet: start ingest as before until it is empty'

/**
 * Frames that an ingest process has accepted and that Kafka has not taken yet, in a folder of the process. A frame is
 * removed after it is in the log, so a process that dies leaves the frames that may be missing there.
 */
export class EventBuffer {
  readonly bytesMax: number
  readonly #path: string
  readonly #db: DatabaseSync
  readonly #lock: FolderLock
  readonly #reserve: DiskReserve
  readonly #parts: BufferPart[] = []
  #lastNumber = 0

  /** @throws RondoError RONDO_DATA_LOCKED, _FOREIGN, _MISMATCH, _CORRUPT, _FULL, _UNREADABLE */
  constructor({ folder, bytesMax, identity }: EventBufferOptions) {
    const home = resolve(folder)
    makeFolder(home)
    this.bytesMax = bytesMax
    this.#path = join(home, 'buffer.db')
    this.#reserve = new DiskReserve(join(home, 'reserve'))
    const { db, lock } = this.#withReserve(() => openLocked(home, this.#path))
    this.#db = db
    this.#lock = lock
    try {
      this.#withReserve(() => withinFile(this.#path, () => this.#prepare(identity)))
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** The frames of one partition. To be called once for each. */
  part(place: BufferPlace): BufferPart {
    const file = { db: this.#db, path: this.#path, withReserve: (work: () => void) => this.#withReserve(work) }
    const part = withinFile(this.#path, () => new BufferPart(file, place, () => ++this.#lastNumber))
    this.#parts.push(part)
    return part
  }

  get parts(): readonly BufferPart[] {
    return this.#parts
  }

  get bytes(): number {
    return this.#parts.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Whether there is room for more bytes of a part. */
  fits(part: BufferPart, more: number): boolean {
    return fitsShare({ own: part.bytes, all: this.bytes, max: this.bytesMax }, more)
  }

  /** The writers of earlier processes on this folder that have not been closed. */
  writers(): string[] {
    return this.#db
      .prepare('SELECT id FROM writers')
      .all()
      .map(({ id }) => String(id))
  }

  /** Notes a writer before it is opened. */
  noteWriter(id: string): void {
    this.#withReserve(() => withinFile(this.#path, () => this.#db.prepare('INSERT INTO writers VALUES (?)').run(id)))
  }

  /** Forgets a writer that has been closed. */
  forgetWriter(id: string): void {
    this.#withReserve(() => withinFile(this.#path, () => this.#db.prepare('DELETE FROM writers WHERE id = ?').run(id)))
  }

  close(): void {
    this.#db.close()
    this.#lock.release()
  }

  /** What has to be written also on a full disk is tried once more without the reserve. */
  #withReserve<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof RondoError && error.code === 'RONDO_DATA_FULL' && this.#reserve.release()) return work()
      throw error
    }
  }

  #prepare(identity: Readonly<Record<string, string>>): void {
    const last = this.#db.prepare('SELECT max("number") AS last FROM frames').get()?.['last']
    this.#lastNumber = Number(last ?? 0)
    const stored = metaOf(this.#db)
    const isAnother = Object.entries(identity).some(([name, value]) => stored.get(name) !== value)
    // An empty buffer may be used for another log. Offsets and writers are those of the log before.
    if (last === null && isAnother) inTransaction(this.#db, () => this.#db.exec('DELETE FROM meta; DELETE FROM ends; DELETE FROM writers'))
    checkMeta(this.#db, this.#path, identity, REMEDY)
    checkFrames(this.#db, this.#path)
    if (last !== null) return
    // The file does not become smaller when frames are removed.
    this.#db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    this.#reserve.keep()
  }
}

function openLocked(home: string, path: string): { db: DatabaseSync; lock: FolderLock } {
  const lock = lockFolder(home)
  try {
    return { db: openDatabase(path, bufferFile).db, lock }
  } catch (error) {
    lock.release()
    throw error
  }
}
