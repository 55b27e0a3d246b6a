import { RondoError } from '#contracts'
import type { LogArchive, LogReader, LogRecord, OwnedPartition } from './event-log.ts'

/**
 * A log whose beginning is in an archive, read as one: what the log no longer has comes from the archive.
 * @param archive opened when the log does not have a record; undefined if there is no archive
 */
export function archivedReader(reader: LogReader, archive: () => Promise<LogArchive | undefined>): LogReader {
  let opened: Promise<LogArchive | undefined> | undefined
  const open = (): Promise<LogArchive | undefined> => {
    opened ??= archive()
    return opened
  }
  return {
    own: ({ assigned, revoked }) => reader.own({ assigned: (owned) => assigned(withArchive(owned, open)), revoked }),
    async close() {
      await reader.close()
      await (await opened?.catch(() => undefined))?.close()
    },
  }
}

/** Reads records of one partition from an offset on, as {@link OwnedPartition.read} does. */
type ReadRecords = OwnedPartition['read']

/** A reading of a partition whose beginning is in an archive. */
export function archivedRead(read: ReadRecords, partition: number, archive: () => Promise<LogArchive | undefined>): ReadRecords {
  /** Whether the last records came from the archive: then the next ones are asked for there first. */
  let isInArchive = false

  async function fromArchive(offset: number, bytesMax: number): Promise<readonly LogRecord[]> {
    const records = (await (await archive())?.read(partition, offset, bytesMax)) ?? []
    isInArchive = records.length > 0
    return records
  }

  return async (offset, limits) => {
    const archived = isInArchive ? await fromArchive(offset, limits.bytesMax) : []
    if (archived.length > 0) return archived
    try {
      return await read(offset, limits)
    } catch (failure) {
      if (!(failure instanceof RondoError && failure.code === 'RONDO_LOG_INCOMPLETE')) throw failure
      const records = await fromArchive(offset, limits.bytesMax)
      if (records.length === 0) throw failure
      return records
    }
  }
}

/** A partition as its owner sees it, whose beginning is in an archive. */
function withArchive(owned: OwnedPartition, archive: () => Promise<LogArchive | undefined>): OwnedPartition {
  return {
    partition: owned.partition,
    ...(owned.cycle !== undefined && { cycle: owned.cycle }),
    partitions: owned.partitions,
    committed: () => owned.committed(),
    partitionMetadata: () => owned.partitionMetadata(),
    names: () => owned.names(),
    checkpoints: () => owned.checkpoints(),
    read: archivedRead((offset, limits) => owned.read(offset, limits), owned.partition, archive),
    commit: (batch) => owned.commit(batch),
  }
}
