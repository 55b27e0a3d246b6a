import { RondoError } from '#contracts'
import type { LogArchive, LogRecord } from '#event-log'
import type { ArchivedLog } from './archived-log.ts'

const PAGE_BYTES = 4 << 20

/**
 * All records of a partition, from its beginning to its present end: those that the log no longer has from the archive, then those of the log.
 * @throws RondoError RONDO_LOG_INCOMPLETE if the archive ends before the log begins; RONDO_ARCHIVE_DAMAGED, RONDO_ARCHIVE_MISMATCH
 */
export async function* wholeLog(archive: LogArchive, log: ArchivedLog, partition: number): AsyncGenerator<LogRecord> {
  const { begin } = await log.bounds(partition)
  const end = await archive.end(partition)
  if (end < begin)
    throw new RondoError(
      'RONDO_LOG_INCOMPLETE',
      `Partition ${partition} of the log begins at offset ${begin}, and the archive ends at ${end}: the records between are in neither. Restore the archive from a backup.`,
    )
  for (let next = 0; next < begin; ) {
    const records = await archive.read(partition, next, PAGE_BYTES)
    for (const record of records) if (record.offset < begin) yield record
    next = (records.at(-1)?.offset ?? begin) + 1
  }
  yield* log.records(partition, begin)
}
