import { archivedRead } from '../archived-reader.ts'
import type { LogArchive, OwnedPartition } from '../event-log.ts'
import type { FolderHistory } from './folder-history.ts'

/** A folder has one. */
const PARTITION = 0

/** The log of a data folder, read from its beginning. */
export interface FolderRecords {
  readonly read: OwnedPartition['read']
  /** Closes the archive and the log. */
  close(): Promise<void>
}

/**
 * The log of a data folder from its beginning, from the archive where it was trimmed.
 * @param openArchive opens an archive of this log. It is called only where the log no longer has all of its frames
 * @param archive the folder of the archive, if it is not where it was when the log was trimmed
 */
export function folderRecords(log: FolderHistory, openArchive: (folder: string) => Promise<LogArchive>, archive: string | undefined): FolderRecords {
  const open = async (): Promise<LogArchive | undefined> => {
    const folder = archive ?? log.archive
    return folder === undefined ? undefined : await openArchive(folder)
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
