import { temporaryFolder } from '#runtime'
import { describeEventLog } from '../conformance/event-log.conformance.ts'
import { folderFixture } from '../conformance/folder-fixture.ts'
import { openDataFolder } from './data-folder.ts'

describeEventLog('SQLite', async ({ partitions }) => {
  const home = temporaryFolder()
  return folderFixture({
    openFolder: () => openDataFolder({ path: home.path, partitions, identity: { cycle: 'listener' }, hasTraces: true }),
    remove: () => home[Symbol.dispose](),
  })
})
