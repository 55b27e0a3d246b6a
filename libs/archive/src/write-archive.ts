import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type ArchiveFile, type ArchiveManifest, type Instant, RondoError } from '#contracts'
import { type LogRecord, lockFolder } from '#event-log'
import { ArchiveDay, dayAt } from './archive-day.ts'
import type { ArchivedLog } from './archived-log.ts'
import { incompletePath, makeFolders } from './durable-files.ts'
import { entriesOf } from './entries.ts'
import { checkBytes, recordsIn } from './file-reader.ts'
import { ArchiveFileWriter } from './file-writer.ts'
import { type ArchivedPartition, checkLogName, damagedArchive, endOf, partitionOf, readManifest, writeManifest } from './manifest.ts'
import { digestOf, RecordDigest } from './record-digest.ts'
import { checkRepeated, lostManifest, parquetFilesIn, removeIncomplete, removeRepeated, unnamedOf } from './unnamed-files.ts'

/** A day with more rows gets several files. */
const FILE_ENTRIES_MAX = 4_000_000

/** What is written, and how. */
export interface WriteOptions {
  readonly archive: string
  readonly log: ArchivedLog
  /** Records of the day of this instant and of later days are not written; without it all are. */
  readonly before?: Instant
  readonly signal?: AbortSignal
  /** How many rows a file may have. */
  readonly fileEntriesMax?: number
  /** Called for each file that is complete. */
  readonly onFile?: (partition: number, file: ArchiveFile) => void
  /** Called for a partition with records of a day that has not ended, with that day. */
  readonly onOpenDay?: (partition: number, day: string) => void
}

/**
 * Writes the records of a log that an archive does not have yet: a file for each partition and day, each read again and compared before the
 * manifest names it. A crash at any instant, or the signal, leaves the files that were complete; the next call continues after them. One process
 * at a time can write.
 * @throws RondoError RONDO_ARCHIVE_MISMATCH if the archive is of another log; RONDO_LOG_INCOMPLETE if the log has lost records that were not
 * archived; RONDO_ARCHIVE_DAMAGED, also if only files that no manifest names have a record; RONDO_DATA_LOCKED if another process writes; RONDO_DATA_FULL,
 * RONDO_DATA_UNREADABLE; RONDO_ARGUMENT_INVALID if the folder is a data folder
 */
export async function writeArchive(options: WriteOptions): Promise<void> {
  if (existsSync(join(options.archive, 'log.db')))
    throw new RondoError(
      'RONDO_ARGUMENT_INVALID',
      `${options.archive} is a data folder of Rondo, not an archive: it has a log.db. Name another folder by --archive (RONDO_ARCHIVE).`,
    )
  makeFolders(options.archive)
  const lock = lockFolder(options.archive, 'archive')
  try {
    for (let partition = 0; partition < options.log.partitions && options.signal?.aborted !== true; partition++)
      await new PartitionWriting(options, partition).run()
  } finally {
    lock.release()
  }
}

/** The writing of one partition. */
class PartitionWriting {
  readonly #options: WriteOptions
  readonly #partition: ArchivedPartition
  #manifest: ArchiveManifest
  #writer: ArchiveFileWriter | undefined
  /** The day and the place of the file that is being written. */
  #file: Pick<ArchiveFile, 'path' | 'day' | 'from'> = { path: '', day: '', from: 0 }

  constructor(options: WriteOptions, number: number) {
    const partition = partitionOf(options.archive, number)
    this.#options = options
    this.#partition = partition
    makeFolders(partition.folder)
    const found = readManifest(partition)
    if (found !== undefined) checkLogName(partition, found, options.log.name)
    this.#manifest = found ?? { version: 1, log: { ...options.log.name }, partition: number, files: [] }
  }

  async run(): Promise<void> {
    const { log, signal, before, onOpenDay } = this.#options
    const { partition } = this.#partition
    await checkContinues(log, this.#partition, this.#manifest)
    const repeated = await checkRepeated(this.#partition, this.#manifest, log)
    removeIncomplete(this.#partition)
    const days = new ArchiveDay(this.#manifest.files.at(-1)?.day)
    const end = before === undefined ? undefined : dayAt(before)
    try {
      for await (const record of log.records(partition, endOf(this.#manifest))) {
        if (signal?.aborted === true) return
        const entries = entriesOf(record.frame)
        const day = days.of(record, entries)
        if (end !== undefined && day >= end) {
          onOpenDay?.(partition, day)
          break
        }
        const writer = await this.#writerFor(day)
        writer.add(record, entries)
      }
      await this.#endFile()
      removeRepeated(this.#partition, this.#manifest, repeated)
    } finally {
      this.#writer?.discard()
    }
  }

  /** The file of a day that is being written, or the next one. */
  async #writerFor(day: string): Promise<ArchiveFileWriter> {
    const entriesMax = this.#options.fileEntriesMax ?? FILE_ENTRIES_MAX
    if (this.#writer !== undefined && (day !== this.#file.day || this.#writer.entries >= entriesMax)) await this.#endFile()
    this.#writer ??= this.#beginFile(day)
    return this.#writer
  }

  #beginFile(day: string): ArchiveFileWriter {
    const from = endOf(this.#manifest)
    this.#file = { path: `day=${day}/${String(from).padStart(16, '0')}.parquet`, day, from }
    const path = join(this.#partition.folder, this.#file.path)
    makeFolders(dirname(path))
    return new ArchiveFileWriter(path)
  }

  /** Completes the file: it gets its name when it was read again, and counts when the manifest names it. */
  async #endFile(): Promise<void> {
    const writer = this.#writer
    if (writer === undefined) return
    const file: ArchiveFile = { ...this.#file, ...writer.end() }
    this.#writer = undefined
    await checkFile(this.#partition.folder, { ...file, path: incompletePath(file.path) })
    writer.publish()
    this.#manifest = { ...this.#manifest, files: [...this.#manifest.files, file] }
    writeManifest(this.#partition, this.#manifest)
    this.#options.onFile?.(this.#partition.partition, file)
  }
}

/** Reads a file of an archive as a rebuild would. @throws RondoError RONDO_ARCHIVE_DAMAGED if it does not have what was written */
export async function checkFile(folder: string, file: ArchiveFile): Promise<void> {
  await checkBytes(folder, file)
  const content = new RecordDigest()
  for await (const record of recordsIn(folder, file)) content.add(record)
  if (content.hex() !== file.content) throw damagedArchive(join(folder, file.path), 'its records are not those that were written')
}

/** Checks that a log has what follows the archive, and that the last archived record is what the log has at its offset. */
async function checkContinues(log: ArchivedLog, place: ArchivedPartition, manifest: ArchiveManifest): Promise<void> {
  const { folder, partition } = place
  const end = endOf(manifest)
  const bounds = await log.bounds(partition)
  if (bounds.begin > end) {
    const paths = unnamedOf(parquetFilesIn(place), manifest)
    if (paths[0] !== undefined) throw lostManifest(place, manifest, { paths, which: paths[0] })
    throw new RondoError(
      'RONDO_LOG_INCOMPLETE',
      `Partition ${partition} of the log begins at offset ${bounds.begin}, and its archive ${folder} ends at ${end}: the records between were deleted before they were archived. Restore them, or the archive, from a backup.`,
    )
  }
  const last = manifest.files.at(-1)
  if (last === undefined || (bounds.end >= end && bounds.begin === end)) return
  const found = bounds.end < end ? undefined : await lastBefore(log, { partition, from: last.from, end, begin: bounds.begin })
  if (found === undefined || digestOf(found) !== last.last)
    throw new RondoError(
      'RONDO_ARCHIVE_MISMATCH',
      `Partition ${partition} of the log does not have the record with which its archive ${folder} ends, before offset ${end}: it was created again, or is another one. Name another folder for its archive.`,
    )
}

/** The last record below an offset. In a data folder, and nearly always on Kafka, it has the offset before. */
async function lastBefore(
  log: ArchivedLog,
  { partition, from, end, begin }: { partition: number; from: number; end: number; begin: number },
): Promise<LogRecord | undefined> {
  for (const start of [end - 1, from]) {
    let found: LogRecord | undefined
    for await (const record of log.records(partition, Math.max(start, begin))) {
      if (record.offset >= end) break
      found = record
    }
    if (found !== undefined) return found
  }
  return undefined
}
