import type { DatabaseSync } from 'node:sqlite'
import type { HeldFrame, HeldFramesPart } from '../folder-log.ts'
import { checksum } from './checksum.ts'
import { damaged } from './sqlite-failure.ts'

/** A row of the table `held`. */
interface HeldRow extends HeldFrame {
  readonly number: number
  readonly crc: number
}

/**
 * Frames that wait in log.db for their place in the log, in their order: they were accepted during an import. They are written
 * and removed in the transactions of the writer of log.db, so that each frame is always in exactly one of the two tables.
 */
export class HeldFrames {
  static readonly schema = `
    CREATE TABLE held ("number" INTEGER PRIMARY KEY, arrival INTEGER NOT NULL, crc INTEGER NOT NULL, frame TEXT NOT NULL) STRICT`
  readonly #path: string
  readonly #insert
  readonly #select
  readonly #selectNewest
  readonly #delete
  #next: number

  constructor(db: DatabaseSync, path: string) {
    this.#path = path
    this.#insert = db.prepare('INSERT INTO held ("number", arrival, crc, frame) VALUES (?, ?, ?, ?)')
    this.#select = db.prepare('SELECT "number", arrival, crc, frame FROM held ORDER BY "number"')
    this.#selectNewest = db.prepare('SELECT frame FROM held ORDER BY "number" DESC')
    this.#delete = db.prepare('DELETE FROM held WHERE "number" <= ?')
    this.#next = Number(db.prepare('SELECT max("number") AS last FROM held').get()?.['last'] ?? 0) + 1
  }

  /** Adds frames after all others. A number is never used again, also if the transaction is rolled back. */
  add(frames: readonly HeldFrame[]): void {
    for (const { frame, arrival } of frames) {
      const number = this.#next++
      this.#insert.run(number, arrival, checksum(number, arrival, frame), frame)
    }
  }

  /** Removes all frames up to a number. */
  remove(lastNumber: number): void {
    this.#delete.run(lastNumber)
  }

  /**
   * The oldest frames, up to `bytesMax` characters together, at least one if there is one.
   * @throws RondoError RONDO_DATA_CORRUPT if one is not as it was written
   */
  oldest(bytesMax: number): HeldFramesPart {
    const frames: HeldFrame[] = []
    let [size, lastNumber] = [0, 0]
    for (const { number, arrival, crc, frame } of this.#select.iterate() as Iterable<HeldRow>) {
      if (frames.length > 0 && size + frame.length > bytesMax) return { frames, lastNumber, isAll: false }
      if (crc !== checksum(number, arrival, frame)) throw damaged(this.#path, `held frame ${number} is not what was written`)
      frames.push({ frame, arrival })
      size += frame.length
      lastNumber = number
    }
    return { frames, lastNumber, isAll: true }
  }

  /** The newest frames, newest first, up to `bytesMax` characters together; `isAll` if there are no others. */
  newest(bytesMax: number): { frames: string[]; isAll: boolean } {
    const frames: string[] = []
    let size = 0
    for (const { frame } of this.#selectNewest.iterate() as Iterable<{ frame: string }>) {
      size += frame.length
      if (size > bytesMax) return { frames, isAll: false }
      frames.push(frame)
    }
    return { frames, isAll: true }
  }
}
