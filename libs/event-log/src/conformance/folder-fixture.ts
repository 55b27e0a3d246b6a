import type { LogReader } from '../event-log.ts'
import type { DataFolder } from '../sqlite/data-folder.ts'
import type { EventLogFixture } from './fixture.ts'

/** The data folder of one test of a conformance suite. */
interface FolderFixtureOptions {
  /** Opens it, each time on the same data. */
  readonly openFolder: () => DataFolder
  /** Called before a reader owns partitions, and before the folder is closed to be opened again. */
  readonly beforeReading?: (folder: DataFolder) => Promise<void>
  /** Removes it at the end of the test. */
  readonly remove: () => void
}

/** The log of a data folder for a conformance suite. */
export function folderFixture({ openFolder, beforeReading = async () => {}, remove }: FolderFixtureOptions): EventLogFixture {
  const open = () => {
    const folder = openFolder()
    return { folder, feed: folder.stateReader(), readers: [] as LogReader[] }
  }
  let opened = open()
  const close = async () => {
    opened.feed.close()
    for (const reader of opened.readers) await reader.close()
    await opened.folder.close()
  }
  return {
    get writer() {
      return opened.folder.writer
    },
    get feed() {
      return opened.feed
    },
    reader() {
      const { folder, readers } = opened
      const reader = folder.reader()
      readers.push(reader)
      return {
        own: async (ownership) => {
          await beforeReading(folder)
          await reader.own(ownership)
        },
        close: () => reader.close(),
      }
    },
    async restart() {
      await beforeReading(opened.folder)
      await close()
      opened = open()
    },
    async dispose() {
      await close()
      remove()
    },
  }
}
