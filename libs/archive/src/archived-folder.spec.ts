import { join } from 'node:path'
import { type DataFolder, FolderHistory, openDataFolder, trimLog } from '#event-log'
import { temporaryFolder } from '#runtime'
import { describeEventLog } from '../../event-log/src/conformance/event-log.conformance.ts'
import type { LogReader } from '../../event-log/src/event-log.ts'
import { FolderArchive } from './folder-archive.ts'
import { writeArchive } from './write-archive.ts'

/** Moves all frames but the newest of each partition from the log into the archive. */
async function archiveAll({ path, writer }: DataFolder, archive: string): Promise<void> {
  const log = new FolderHistory(path)
  try {
    await writeArchive({ archive, log })
    for (let partition = 0; partition < log.partitions; partition++) {
      const { begin, end } = await log.bounds(partition)
      await trimLog(writer, { partition, begin, below: end, archive })
    }
  } finally {
    log.close()
  }
}

describeEventLog(
  'SQLite, with its beginning in an archive',
  async ({ partitions }) => {
    const home = temporaryFolder()
    const archive = join(home.path, 'archive')
    const open = () => {
      const folder = openDataFolder({
        path: join(home.path, 'data'),
        partitions,
        identity: { cycle: 'listener' },
        openArchive: async (path, log) => new FolderArchive(path, log),
      })
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
            await archiveAll(folder, archive)
            await reader.own(ownership)
          },
          close: () => reader.close(),
        }
      },
      async restart() {
        await archiveAll(opened.folder, archive)
        await close()
        opened = open()
      },
      async dispose() {
        await close()
        home[Symbol.dispose]()
      },
    }
  },
  { keepsTraces: false },
)
