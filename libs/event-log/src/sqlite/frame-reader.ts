import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { LogRecord } from '../event-log.ts'
import { checksum } from './checksum.ts'
import { joinDatabase } from './database-file.ts'
import { metaOf } from './file-identity.ts'
import { LogBeginning } from './log-beginning.ts'
import { logFile } from './log-file.ts'
import { damaged, withinFile } from './sqlite-failure.ts'
import { TraceReader } from './trace-table.ts'

/** A row of the table `frames`. */
interface FrameRow {
  readonly offset: number
  readonly crc: number
  readonly frame: string
}

/** Reads log.db through a connection of its own. Each read ends its transaction, so that the write-ahead log can be truncated. */
export class FrameReader {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #select
  readonly #last
  readonly #beginning: LogBeginning
  readonly #traces: TraceReader | undefined

  /** @param hasTraces whether records are read with their traces */
  constructor(folder: string, hasTraces = false) {
    this.#path = join(folder, 'log.db')
    this.#db = joinDatabase(this.#path, logFile, 'read')
    this.#select = withinFile(this.#path, () =>
      this.#db.prepare('SELECT "offset", crc, frame FROM frames WHERE partition = ? AND "offset" >= ? ORDER BY "offset"'),
    )
    this.#last = withinFile(this.#path, () => this.#db.prepare('SELECT max("offset") AS last FROM frames WHERE partition = ?'))
    this.#beginning = withinFile(this.#path, () => new LogBeginning(this.#db, this.#path))
    this.#traces = hasTraces ? withinFile(this.#path, () => new TraceReader(this.#db)) : undefined
  }

  /**
   * Frames from `offset` on, up to `bytesMax` characters together, at least one if there is one.
   * @throws RondoError RONDO_DATA_CORRUPT if a frame is not as it was written, or one is missing; RONDO_LOG_INCOMPLETE if the log begins
   * above the offset, because the frames before are in an archive
   */
  read(partition: number, offset: number, bytesMax: number): LogRecord[] {
    return withinFile(this.#path, () => {
      const records: LogRecord[] = []
      let size = 0
      for (const row of this.#select.iterate(partition, offset) as Iterable<FrameRow>) {
        if (records.length > 0 && size + row.frame.length > bytesMax) break
        if (records.length === 0 && row.offset > offset) this.#beginning.checkNotTrimmed(partition, offset)
        this.#check(partition, offset + records.length, row)
        records.push({ offset: row.offset, frame: row.frame })
        size += row.frame.length
      }
      return this.#traces === undefined ? records : withTraces(records, this.#traces.read(partition, offset, offset + records.length - 1))
    })
  }

  /** The greatest offset in a partition, -1 if it is empty. */
  last(partition: number): number {
    return withinFile(this.#path, () => Number(this.#last.get(partition)?.['last'] ?? -1))
  }

  /** The first offset that a partition still has. */
  first(partition: number): number {
    return withinFile(this.#path, () => this.#beginning.of(partition))
  }

  /** Which log this is. */
  get name(): Readonly<Record<string, string>> {
    return { folder: withinFile(this.#path, () => metaOf(this.#db)).get('folder') ?? '' }
  }

  /** The folder of the archive that has the frames before; undefined if the log was never trimmed. */
  get archive(): string | undefined {
    return withinFile(this.#path, () => this.#beginning.archive)
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #check(partition: number, expected: number, { offset, crc, frame }: FrameRow): void {
    if (offset !== expected) throw damaged(this.#path, `the frame at offset ${expected} of partition ${partition} is missing`)
    if (crc !== checksum(partition, offset, frame)) {
      throw damaged(this.#path, `the frame at offset ${offset} of partition ${partition} is not what was written`)
    }
  }
}

function withTraces(records: LogRecord[], tracesOf: ReadonlyMap<number, readonly string[]>): LogRecord[] {
  if (tracesOf.size === 0) return records
  return records.map((record) => {
    const traces = tracesOf.get(record.offset)
    return traces === undefined ? record : { ...record, traces }
  })
}
