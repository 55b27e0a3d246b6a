import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { zstdCompressSync } from 'node:zlib'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { LogRecord } from '#event-log'
import { withinArchive } from './archive-failure.ts'
import { fileSchema, RowGroup } from './columns.ts'
import { incompletePath, publishFile } from './durable-files.ts'
import { type Entry, entriesOf } from './entries.ts'
import { digestOf, RecordDigest } from './record-digest.ts'

/** A row group ends at this many rows or characters: a reader has to hold one of them in memory. */
const GROUP_ROWS_MAX = 65_536
const GROUP_TEXT_MAX = 16 << 20

/** What was written into a file. */
export interface WrittenFile {
  readonly next: number
  readonly records: number
  readonly entries: number
  readonly bytes: number
  readonly sha256: string
  readonly content: string
  readonly last: string
}

/** Writes one Parquet file, row group by row group, under a name that says that it is not complete. */
export class ArchiveFileWriter {
  readonly #path: string
  readonly #file: number
  readonly #bytes = new ByteWriter()
  readonly #sha256 = createHash('sha256')
  readonly #parquet: ParquetWriter
  readonly #content = new RecordDigest()
  #group = new RowGroup()
  #records = 0
  #entries = 0
  #written = 0
  #newest: LogRecord | undefined

  constructor(path: string) {
    this.#path = path
    this.#file = withinArchive(path, () => openSync(incompletePath(path), 'w'))
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: fileSchema,
      codec: 'ZSTD',
      compressors: { ZSTD: (input) => zstdCompressSync(input) },
      createdBy: 'rondo',
    })
  }

  /** The number of rows so far. */
  get entries(): number {
    return this.#entries
  }

  /** Adds a record, which follows the one before. */
  add(record: LogRecord, entries: readonly Entry[] = entriesOf(record.frame)): void {
    this.#group.add(record, entries)
    this.#content.add(record)
    this.#records += 1
    this.#entries += entries.length
    this.#newest = record
    if (this.#group.rows >= GROUP_ROWS_MAX || this.#group.textLength >= GROUP_TEXT_MAX) this.#endGroup()
  }

  /** Completes and syncs the file; it still has its incomplete name. */
  end(): WrittenFile {
    if (this.#group.rows > 0) this.#endGroup()
    void this.#parquet.finish()
    this.#flush()
    withinArchive(this.#path, () => fsyncSync(this.#file))
    closeSync(this.#file)
    const newest = this.#newest as LogRecord
    return {
      next: newest.offset + 1,
      records: this.#records,
      entries: this.#entries,
      bytes: this.#written,
      sha256: this.#sha256.digest('hex'),
      content: this.#content.hex(),
      last: digestOf(newest),
    }
  }

  /** Gives the file its name. */
  publish(): void {
    publishFile(this.#path)
  }

  /** Removes what was written. */
  discard(): void {
    closeSync(this.#file)
    rmSync(incompletePath(this.#path), { force: true })
  }

  #endGroup(): void {
    void this.#parquet.write({ columnData: this.#group.data, rowGroupSize: this.#group.rows })
    this.#group = new RowGroup()
    this.#flush()
  }

  /** Writes the bytes of the buffer to the file. The positions in the file that the Parquet writer notes count from the beginning. */
  #flush(): void {
    const bytes = new Uint8Array(this.#bytes.buffer, 0, this.#bytes.index)
    withinArchive(this.#path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
    })
    this.#sha256.update(bytes)
    this.#written += bytes.length
    this.#bytes.index = 0
  }
}
