import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { zstdDecompressSync } from 'node:zlib'
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetScan } from 'hyparquet'
import { type ArchiveFile, RondoError } from '#contracts'
import type { LogRecord } from '#event-log'
import { damagedArchive } from './manifest.ts'

/** The columns from which records are made. */
const COLUMNS = ['log_offset', 'entry_index', 'appended_at', 'entry'] as const

/** Texts are read as they are: the default of the reader would drop a byte order mark. Times stay numbers. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
  timestampFromMilliseconds: (millis: bigint | null) => (millis === null || millis === undefined ? undefined : Number(millis)),
}
/** A page in which no row has a value has no bytes. */
const compressors = { ZSTD: (input: Uint8Array, length: number) => (length === 0 ? new Uint8Array() : zstdDecompressSync(input, { maxOutputLength: length })) }

/** Rows of one row group, as the records are made from them. */
interface Rows {
  readonly offsets: ArrayLike<bigint>
  readonly indexes: ArrayLike<number>
  readonly appendedAt: ArrayLike<number | undefined>
  readonly texts: ArrayLike<string>
}

/**
 * The records of a file of an archive, from an offset on, one row group after the other.
 * @throws RondoError RONDO_ARCHIVE_DAMAGED if the file is missing, is not what was written, or does not have the records that the manifest says
 */
export async function* recordsIn(folder: string, file: ArchiveFile, from = file.from): AsyncGenerator<LogRecord> {
  const path = join(folder, file.path)
  let read = 0
  let next = file.from
  for await (const record of checked(path, recordsFrom(path, file, from))) {
    if (record.offset < next || record.offset >= file.next) throw damagedArchive(path, `it has offset ${record.offset} where ${next} or later is expected`)
    next = record.offset + 1
    read += 1
    if (record.offset >= from) yield record
  }
  if (next !== file.next || (from === file.from && read !== file.records))
    throw damagedArchive(path, `its records end before offset ${next}, and the manifest says ${file.next}`)
}

/** The records of a file that no manifest names, as they are. @throws RondoError RONDO_ARCHIVE_DAMAGED if it cannot be read */
export async function* storedRecords(path: string): AsyncGenerator<LogRecord> {
  yield* checked(path, recordsFrom(path, await sizeOf(path), 0))
}

async function sizeOf(path: string): Promise<{ bytes: number }> {
  try {
    return { bytes: (await stat(path)).size }
  } catch (cause) {
    throw damagedArchive(path, `it cannot be read (${(cause as Error).message})`)
  }
}

/** Checks the bytes of a file. @throws RondoError RONDO_ARCHIVE_DAMAGED if it is missing, or is not what was written */
export async function checkBytes(folder: string, file: ArchiveFile): Promise<void> {
  const path = join(folder, file.path)
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
  } catch (cause) {
    throw damagedArchive(path, `it cannot be read (${(cause as Error).message})`)
  }
  if (hash.digest('hex') !== file.sha256) throw damagedArchive(path, 'its bytes are not those that were written')
}

/** A defect in a file, which {@link recordsIn} reports with its path. */
const unreadable = (what: string): RondoError => new RondoError('RONDO_ARCHIVE_DAMAGED', what)

async function* checked<T>(path: string, records: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* records
  } catch (cause) {
    throw damagedArchive(path, `it cannot be read (${(cause as Error).message})`)
  }
}

async function* recordsFrom(path: string, { bytes }: Pick<ArchiveFile, 'bytes'>, from: number): AsyncGenerator<LogRecord> {
  const handle = await open(path)
  try {
    const file = bufferOf(handle, bytes)
    const metadata = await parquetMetadataAsync(file)
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      if (Number(group.columns[0]?.meta_data?.statistics?.max_value ?? from) >= from) yield* recordsOf(await rowsOf({ file, metadata, rowStart, rowEnd }))
      rowStart = rowEnd
    }
  } finally {
    await handle.close()
  }
}

async function rowsOf(range: { file: AsyncBuffer; metadata: FileMetaData; rowStart: number; rowEnd: number }): Promise<Rows> {
  const { file, metadata, rowStart, rowEnd } = range
  const scan = await parquetScan({ file, metadata, columns: [...COLUMNS], rowStart, rowEnd, compressors, parsers })
  const [offsets, indexes, appendedAt, texts] = await Promise.all(COLUMNS.map((column) => scan.readColumn({ column, rowStart, rowEnd })))
  return { offsets, indexes, appendedAt, texts } as unknown as Rows
}

/** Puts the entries of each record together. A row group ends with the last entry of a record. */
function* recordsOf({ offsets, indexes, appendedAt, texts }: Rows): Generator<LogRecord> {
  for (let at = 0; at < offsets.length; ) {
    const offset = offsets[at]
    const first = at
    let frame = texts[at] as string
    for (at += 1; at < offsets.length && offsets[at] === offset; at++) frame += `\n${texts[at]}`
    if (indexes[first] !== 0 || indexes[at - 1] !== at - 1 - first) throw unreadable(`the entries of offset ${offset} are not complete`)
    const time = appendedAt[first]
    yield { offset: Number(offset), ...(time !== undefined && time !== null && { appendedAt: time }), frame }
  }
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0) throw unreadable(`it ends after ${start + filled} bytes`)
        filled += bytesRead
      }
      return bytes.buffer
    },
  }
}
