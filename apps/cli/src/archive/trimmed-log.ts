import type { ArchivedLog } from '#archive'
import { FolderHistory, type FolderTrim, KafkaHistory, type KafkaSettings, openFolderTrim, type StoredCheckpoints } from '#event-log'

/** A log that can be trimmed: a data folder, or topics of Kafka. */
export interface TrimmedLog extends ArchivedLog {
  /** The checkpoints of a partition, of each fold. */
  checkpoints(partition: number): Promise<readonly StoredCheckpoints[]>
  /** Before a trim: keeps a Rondo from starting on the log, if it must not run meanwhile. @throws RondoError RONDO_DATA_LOCKED if it runs */
  reserve(): void
  /** Removes the records below an offset of each partition. */
  trim(below: readonly number[], isCompacted: boolean): Promise<void>
  close(): Promise<void>
}

/** The log of a data folder. It can be read beside a running Rondo, and trimmed without one. */
export function folderLog(folder: string, archive: string, signal: AbortSignal): TrimmedLog {
  const history = new FolderHistory(folder)
  let reserved: FolderTrim | undefined
  return {
    name: history.name,
    partitions: history.partitions,
    bounds: (partition) => history.bounds(partition),
    records: (partition, from) => history.records(partition, from),
    checkpoints: (partition) => history.checkpoints(partition),
    reserve() {
      reserved = openFolderTrim(history.path, history.partitions)
    },
    async trim(below, isCompacted) {
      const ranges = await Promise.all(
        below.map(async (offset, partition) => ({ partition, begin: (await history.bounds(partition)).begin, below: offset, archive, signal })),
      )
      history.close()
      await reserved?.trim(ranges, isCompacted)
    },
    async close() {
      history.close()
      await reserved?.close()
    },
  }
}

/** The log of a Rondo on Kafka. Its apps may run. */
export async function kafkaLog(settings: KafkaSettings, stop: AbortSignal): Promise<TrimmedLog> {
  const history = await KafkaHistory.open(settings, stop)
  return {
    name: history.name,
    partitions: history.partitions,
    bounds: (partition) => history.bounds(partition),
    records: (partition, from) => history.records(partition, from),
    checkpoints: (partition) => history.checkpoints(partition),
    reserve: () => undefined,
    trim: (below) => history.removeBelow(below),
    close: () => history.close(),
  }
}
