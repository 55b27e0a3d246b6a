import type { DatabaseSync } from 'node:sqlite'
import { type Instant, RondoError } from '#contracts'
import { checksum } from './checksum.ts'
import { inTransaction } from './database-file.ts'
import { withinFile } from './sqlite-failure.ts'

/** A frame that waits on the disk for the brokers. */
export interface BufferedFrame {
  /** The arrival of its oldest event. */
  readonly arrival: Instant
  readonly events: number
  readonly frame: string
}

/** A frame in the buffer; numbers grow in the order in which frames were added. */
export interface NumberedFrame extends BufferedFrame {
  readonly number: number
}

/** A row of the table of frames. */
interface Row extends NumberedFrame {
  readonly bytes: number
  readonly crc: number
}

/** The partition of a topic for which frames wait. */
export interface BufferPlace {
  readonly topic: string
  readonly partition: number
}

/** The file of the buffer. */
export interface BufferFileInUse {
  readonly db: DatabaseSync
  readonly path: string
  /** Does what has to be written also on a full disk. */
  readonly withReserve: (work: () => void) => void
}

const COLUMNS = '"number", arrival, events, bytes, crc, frame'

/**
 * The frames of one partition in the buffer, in their order. What is added is on the disk when the call returns. Frames that cannot be
 * removed because the disk is full are no longer read, and are removed with the next ones.
 */
export class BufferPart {
  readonly place: BufferPlace
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #withReserve: BufferFileInUse['withReserve']
  readonly #nextNumber: () => number
  readonly #insert
  readonly #select
  readonly #sum
  readonly #delete
  readonly #putEnd
  /** Frames up to this number are in the log. */
  #removed = 0
  #hasFailed = false
  #newest: number
  #end: number | undefined
  #bytes = 0
  #events = 0
  #oldestArrival: Instant | undefined

  constructor(file: BufferFileInUse, place: BufferPlace, nextNumber: () => number) {
    const { db, path, withReserve } = file
    const key = 'topic = :topic AND partition = :partition'
    this.place = place
    this.#db = db
    this.#path = path
    this.#withReserve = withReserve
    this.#nextNumber = nextNumber
    this.#insert = db.prepare('INSERT INTO frames VALUES (:number, :topic, :partition, :arrival, :events, :bytes, :crc, :frame)')
    this.#select = db.prepare(`SELECT ${COLUMNS} FROM frames WHERE ${key} AND "number" > :after ORDER BY "number"`)
    this.#sum = db.prepare(`SELECT sum(bytes) AS bytes, sum(events) AS events FROM frames WHERE ${key} AND "number" > :after AND "number" <= :last`)
    this.#delete = db.prepare(`DELETE FROM frames WHERE ${key} AND "number" <= :last`)
    this.#putEnd = db.prepare('INSERT INTO ends VALUES (:topic, :partition, :offset) ON CONFLICT DO UPDATE SET "offset" = :offset')
    const end = db.prepare(`SELECT "offset" FROM ends WHERE ${key}`).get({ ...place })
    this.#end = end === undefined ? undefined : Number(end['offset'])
    this.#newest = Number(db.prepare(`SELECT max("number") AS newest FROM frames WHERE ${key}`).get({ ...place })?.['newest'] ?? 0)
    this.#count(1, this.#sums(Number.MAX_SAFE_INTEGER))
    this.#oldestArrival = this.#oldestAfter(0)
  }

  get bytes(): number {
    return this.#bytes
  }

  get events(): number {
    return this.#events
  }

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  /** Whether the last frames could not be added, since the partition last answered: the disk is full, or cannot be written. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** The partition answers: no frame comes here for now, so it does not matter whether the disk is full. */
  rest(): void {
    this.#hasFailed = false
  }

  /** The arrival of the oldest frame. */
  get oldestArrival(): Instant | undefined {
    return this.#oldestArrival
  }

  /** The number of the newest frame that was added; 0 if it is not known, because none is there. */
  get newest(): number {
    return this.#newest
  }

  /** An offset of the log before which there is none of these frames; undefined if it is not known. */
  get end(): number | undefined {
    return this.#end
  }

  /**
   * @param end the offset after the last frame of this process that is known to be in the log
   * @throws RondoError RONDO_DATA_FULL, RONDO_DATA_UNREADABLE: then none of them was added
   */
  add(frames: readonly BufferedFrame[], end: number | undefined): void {
    const isFirst = this.isEmpty
    let [last, bytes, events] = [0, 0, 0]
    this.#hasFailed = true
    withinFile(this.#path, () =>
      inTransaction(this.#db, () => {
        if (isFirst && end !== undefined) this.#putEnd.run({ ...this.place, offset: end })
        for (const frame of frames) {
          last = this.#nextNumber()
          bytes += this.#put(last, frame)
          events += frame.events
        }
      }),
    )
    this.#hasFailed = false
    if (isFirst) this.#end = end ?? this.#end
    this.#newest = last
    this.#oldestArrival ??= frames[0]?.arrival
    this.#count(1, { bytes, events })
  }

  /**
   * The oldest frames after a number, up to `bytesMax` together, at least one if there is one.
   * @throws RondoError RONDO_DATA_CORRUPT if one is not as it was written
   */
  oldest(bytesMax: number, after = this.#removed): NumberedFrame[] {
    const frames: NumberedFrame[] = []
    let size = 0
    for (const row of this.#rows(after)) {
      size += row.bytes
      if (frames.length > 0 && size > bytesMax) break
      frames.push(row)
    }
    return frames
  }

  /**
   * Removes the frames up to a number, because they are in the log.
   * @param end the offset after them
   * @throws RondoError if they are still on the disk: a process that starts finds them in the log
   */
  remove(last: number, end: number): void {
    if (last <= this.#removed) return
    this.#count(-1, this.#sums(last))
    this.#removed = last
    this.#end = end
    this.#oldestArrival = this.#oldestAfter(last)
    this.#withReserve(() =>
      withinFile(this.#path, () =>
        inTransaction(this.#db, () => {
          this.#delete.run({ ...this.place, last })
          this.#putEnd.run({ ...this.place, offset: end })
        }),
      ),
    )
  }

  #put(number: number, { arrival, events, frame }: BufferedFrame): number {
    const bytes = Buffer.byteLength(frame)
    const crc = checksumOf({ ...this.place, number, arrival, events, frame })
    this.#insert.run({ ...this.place, number, arrival, events, bytes, crc, frame })
    return bytes
  }

  #oldestAfter(number: number): Instant | undefined {
    for (const { arrival } of this.#rows(number)) return arrival
    return undefined
  }

  *#rows(after: number): Generator<Row> {
    for (const row of this.#select.iterate({ ...this.place, after }) as Iterable<unknown> as Iterable<Row>) {
      checkRow(this.#path, { ...this.place, ...row })
      yield row
    }
  }

  #sums(last: number): { bytes: number; events: number } {
    const row = withinFile(this.#path, () => this.#sum.get({ ...this.place, after: this.#removed, last }))
    return { bytes: Number(row?.['bytes'] ?? 0), events: Number(row?.['events'] ?? 0) }
  }

  #count(sign: 1 | -1, { bytes, events }: { bytes: number; events: number }): void {
    this.#bytes += sign * bytes
    this.#events += sign * events
  }
}

/** @throws RondoError RONDO_DATA_CORRUPT if a frame is not as it was written */
export function checkFrames(db: DatabaseSync, path: string): void {
  const rows = db.prepare(`SELECT topic, partition, ${COLUMNS} FROM frames`).iterate() as Iterable<unknown>
  for (const row of rows as Iterable<Row & BufferPlace>) checkRow(path, row)
}

function checkRow(path: string, row: Row & BufferPlace): void {
  if (row.crc !== checksumOf(row)) throw damagedFrame(path, row.number)
}

function checksumOf({ topic, partition, number, arrival, events, frame }: NumberedFrame & BufferPlace): number {
  return checksum(number, topic, partition, arrival, events, frame)
}

function damagedFrame(path: string, number: number): RondoError {
  const message = `The buffer ${path} is damaged: frame ${number} is not what was written. Restore it if you can; if not, move it away: the events in it are not in the log, although they were answered.`
  return new RondoError('RONDO_DATA_CORRUPT', message)
}
