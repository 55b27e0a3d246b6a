import type { KafkaLog, LogArchive } from '#event-log'

/** The archive of a log, opened at its first use; undefined if the settings name no folder. */
export function archiveOpener(folder: string, log: Pick<KafkaLog, 'name'>): () => Promise<LogArchive | undefined> {
  return async () => {
    if (folder === '') return undefined
    // Parquet is loaded only where the log no longer has all of its records.
    const { FolderArchive } = await import('#archive')
    return new FolderArchive(folder, await log.name())
  }
}
