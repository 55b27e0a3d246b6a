import { join } from 'node:path'
import { type DataFolder, FolderHistory, openDataFolder, trimLog } from '#event-log'
import { temporaryFolder } from '#runtime'
import { describeEventLog } from '../../event-log/src/conformance/event-log.conformance.ts'
import { folderFixture } from '../../event-log/src/conformance/folder-fixture.ts'
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
    return folderFixture({
      openFolder: () =>
        openDataFolder({
          path: join(home.path, 'data'),
          partitions,
          identity: { cycle: 'listener' },
          openArchive: async (path, log) => new FolderArchive(path, log),
        }),
      beforeReading: (folder) => archiveAll(folder, archive),
      remove: () => home[Symbol.dispose](),
    })
  },
  { keepsTraces: false },
)
