import { archivedRead, type FolderHistory, type LogArchive, type OwnedPartition } from '#event-log'

/** A folder has one. */
const PARTITION = 0

/** The log of a data folder from its beginning, from the archive where it was trimmed. */
export function folderRecords(log: FolderHistory, archive: string | undefined): { readonly read: OwnedPartition['read']; close(): Promise<void> } {
  const open = async (): Promise<LogArchive | undefined> => {
    const folder = archive ?? log.archive
    if (folder === undefined) return undefined
    // Parquet is loaded only where the log no longer has all of its frames.
    const { FolderArchive } = await import('#archive')
    return new FolderArchive(folder, log.name)
  }
  let opened: ReturnType<typeof open> | undefined
  return {
    read: archivedRead(
      (offset, { bytesMax }) => log.read(PARTITION, offset, bytesMax),
      PARTITION,
      () => (opened ??= open()),
    ),
    async close() {
      await (await opened?.catch(() => undefined))?.close()
      log.close()
    },
  }
}
