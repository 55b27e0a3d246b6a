import type { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { FeedRecord } from '../event-log.ts'
import { checksum } from './checksum.ts'
import { damaged } from './sqlite-failure.ts'

/** The number of outputs in a frame. Compressed together they need an eighth of their bytes; to read one of them, the frame is decompressed. */
const OUTPUTS_PER_FRAME = 64
/** Fewer outputs than this are stored as text: compressing them takes longer than writing them. */
const COMPRESSED_OUTPUTS_MIN = 8

/** A row of the table `outputs`. */
interface FrameRow {
  /** The cursor of the last output in the frame. */
  readonly cursor: number
  readonly crc: number
  /** One output a line: as text, or compressed with Zstandard. */
  readonly frame: string | Uint8Array
}

/** The outputs of one row, as JSON. */
interface Frame {
  /** The cursor of the first of them. */
  readonly first: number
  readonly outputs: readonly string[]
}

/** The table `outputs` of state.db: the feed as JSON, in frames whose cursors follow each other without gaps. */
export class OutputFrames {
  static readonly schema = 'CREATE TABLE outputs ("cursor" INTEGER PRIMARY KEY, crc INTEGER NOT NULL, frame ANY NOT NULL) STRICT'

  readonly #path: string
  readonly #selectLastCursor
  readonly #insertFrame
  readonly #selectFrom
  readonly #selectNewest
  /** The frame that was read last: a reader of one output often reads its neighbour next. */
  #cached: Frame = { first: 1, outputs: [] }

  constructor(db: DatabaseSync, path: string) {
    this.#path = path
    this.#selectLastCursor = db.prepare('SELECT coalesce(max("cursor"), 0) AS last FROM outputs')
    this.#insertFrame = db.prepare('INSERT INTO outputs ("cursor", crc, frame) VALUES (?, ?, ?)')
    this.#selectFrom = db.prepare('SELECT "cursor", crc, frame FROM outputs WHERE "cursor" >= ? ORDER BY "cursor"')
    this.#selectNewest = db.prepare('SELECT "cursor", crc, frame FROM outputs ORDER BY "cursor" DESC')
  }

  /** Appends outputs to the feed, inside the caller's transaction. @returns the cursor of the first */
  append(outputs: readonly string[]): number {
    const first = Number(this.#selectLastCursor.get()?.['last']) + 1
    // The transaction of the frame that was read last may have been rolled back, and its cursors used again.
    this.#cached = { first: 1, outputs: [] }
    for (let from = 0; from < outputs.length; from += OUTPUTS_PER_FRAME) {
      const lines = outputs.slice(from, from + OUTPUTS_PER_FRAME)
      const frame = lines.length < COMPRESSED_OUTPUTS_MIN ? lines.join('\n') : zstdCompressSync(lines.join('\n'))
      const cursor = first + from + lines.length - 1
      this.#insertFrame.run(cursor, checksum(cursor, frame), frame)
    }
    return first
  }

  /** At most `limit` outputs after a cursor. @throws RondoError RONDO_DATA_CORRUPT if one is missing or not as it was written */
  read(after: number, limit: number): FeedRecord[] {
    const records: FeedRecord[] = []
    let next = after + 1
    if (limit <= 0) return records
    for (const row of this.#selectFrom.iterate(next)) {
      const { first, outputs } = this.#decode(row)
      if (first > next) throw this.#missing(next)
      for (const output of outputs.slice(next - first, next - first + limit - records.length)) records.push({ cursor: next++, output })
      if (records.length === limit) break
    }
    return records
  }

  /** The `limit` newest, oldest first. */
  newest(limit: number): FeedRecord[] {
    const records: FeedRecord[] = []
    if (limit <= 0) return records
    for (const row of this.#selectNewest.iterate()) {
      const { first, outputs } = this.#decode(row)
      for (let i = outputs.length - 1; i >= 0 && records.length < limit; i--) records.push({ cursor: first + i, output: outputs[i] as string })
      if (records.length === limit) break
    }
    return records.reverse()
  }

  /** The output at a cursor. @throws RondoError RONDO_DATA_CORRUPT if there is none */
  at(cursor: number): string {
    if (this.#cachedAt(cursor) === undefined) {
      const row = this.#selectFrom.get(cursor)
      if (row !== undefined) this.#cached = this.#decode(row)
    }
    const output = this.#cachedAt(cursor)
    if (output === undefined) throw this.#missing(cursor)
    return output
  }

  #cachedAt(cursor: number): string | undefined {
    return this.#cached.outputs[cursor - this.#cached.first]
  }

  #decode(row: Record<string, unknown>): Frame {
    const { cursor, crc, frame } = row as unknown as FrameRow
    if (crc !== checksum(cursor, frame)) throw damaged(this.#path, `the frame of outputs up to cursor ${cursor} is not what was written`)
    const outputs = (typeof frame === 'string' ? frame : zstdDecompressSync(frame).toString()).split('\n')
    return { first: cursor - outputs.length + 1, outputs }
  }

  #missing(cursor: number): Error {
    return damaged(this.#path, `the output at cursor ${cursor} is missing`)
  }
}
