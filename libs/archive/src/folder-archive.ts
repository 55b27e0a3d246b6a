import type { ArchiveFile, ArchiveManifest } from '#contracts'
import type { LogArchive, LogRecord } from '#event-log'
import { checkBytes, recordsIn } from './file-reader.ts'
import { type ArchivedPartition, checkLogName, endOf, type LogName, partitionOf, readManifest } from './manifest.ts'

/** An archive in a folder, read as the beginning of its log. */
export class FolderArchive implements LogArchive {
  readonly #archive: string
  readonly #log: LogName | undefined
  readonly #readings = new Map<number, Reading>()

  /** @param log the log that the archive must be of; any if it is not known */
  constructor(archive: string, log?: LogName) {
    this.#archive = archive
    this.#log = log
  }

  async end(partition: number): Promise<number> {
    return endOf(this.#manifest(partitionOf(this.#archive, partition)))
  }

  async read(partition: number, offset: number, bytesMax: number): Promise<readonly LogRecord[]> {
    const reading = await this.#readingAt(partition, offset)
    const records = await reading.take(bytesMax)
    // The archive may have grown since: the next reading begins with its present manifest.
    if (records.length === 0) this.#readings.delete(partition)
    return records
  }

  async close(): Promise<void> {
    for (const reading of this.#readings.values()) await reading.close()
    this.#readings.clear()
  }

  async #readingAt(partition: number, offset: number): Promise<Reading> {
    const before = this.#readings.get(partition)
    if (before?.next === offset) return before
    await before?.close()
    const place = partitionOf(this.#archive, partition)
    const reading = new Reading(place, this.#manifest(place).files, offset)
    this.#readings.set(partition, reading)
    return reading
  }

  #manifest(place: ArchivedPartition): Pick<ArchiveManifest, 'files'> {
    const manifest = readManifest(place)
    if (manifest === undefined) return { files: [] }
    if (this.#log !== undefined) checkLogName(place, manifest, this.#log)
    return manifest
  }
}

/** The reading of a partition from an offset on, file after file. */
class Reading {
  /** The offset that is asked for next. */
  next: number
  readonly #records: AsyncGenerator<LogRecord>
  /** A record that was read and did not fit into the last page. */
  #surplus: LogRecord | undefined

  constructor(place: ArchivedPartition, files: readonly ArchiveFile[], from: number) {
    this.next = from
    this.#records = recordsFrom(place, files, from)
  }

  async take(bytesMax: number): Promise<LogRecord[]> {
    const records: LogRecord[] = []
    let size = 0
    for (;;) {
      const record = this.#surplus ?? (await this.#records.next()).value
      this.#surplus = undefined
      if (record === undefined) return records
      size += record.frame.length
      if (records.length > 0 && size > bytesMax) {
        this.#surplus = record
        return records
      }
      records.push(record)
      this.next = record.offset + 1
    }
  }

  async close(): Promise<void> {
    await this.#records.return(undefined)
  }
}

async function* recordsFrom({ folder }: ArchivedPartition, files: readonly ArchiveFile[], from: number): AsyncGenerator<LogRecord, undefined> {
  for (const file of files) {
    if (file.next <= from) continue
    await checkBytes(folder, file)
    yield* recordsIn(folder, file, Math.max(from, file.from))
  }
  return undefined
}
