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

/** A partition as its owner sees it, whose beginning is in an archive. */
function withArchive(owned: OwnedPartition, archive: () => Promise<LogArchive | undefined>): OwnedPartition {
  /** Whether the last records came from the archive: then the next ones are asked for there first. */
  let isInArchive = false

  async function fromArchive(offset: number, bytesMax: number): Promise<readonly LogRecord[]> {
    const records = (await (await archive())?.read(owned.partition, offset, bytesMax)) ?? []
    isInArchive = records.length > 0
    return records
  }

  async function read(offset: number, limits: { bytesMax: number; waitMs: number }): Promise<readonly LogRecord[]> {
    const archived = isInArchive ? await fromArchive(offset, limits.bytesMax) : []
    if (archived.length > 0) return archived
    try {
      return await owned.read(offset, limits)
    } catch (failure) {
      if (!(failure instanceof RondoError && failure.code === 'RONDO_LOG_INCOMPLETE')) throw failure
      const records = await fromArchive(offset, limits.bytesMax)
      if (records.length === 0) throw failure
      return records
    }
  }

  return {
    partition: owned.partition,
    ...(owned.cycle !== undefined && { cycle: owned.cycle }),
    partitions: owned.partitions,
    committed: () => owned.committed(),
    partitionMetadata: () => owned.partitionMetadata(),
    names: () => owned.names(),
    checkpoints: () => owned.checkpoints(),
    read,
    commit: (batch) => owned.commit(batch),
  }
}
