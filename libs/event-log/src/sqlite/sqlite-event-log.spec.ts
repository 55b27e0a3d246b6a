import { temporaryFolder } from '#runtime'
import { describeEventLog } from '../conformance/event-log.conformance.ts'
import type { LogReader } from '../event-log.ts'
import { openDataFolder } from './data-folder.ts'

describeEventLog('SQLite', async ({ partitions }) => {
  const home = temporaryFolder()
  const open = () => {
    const folder = openDataFolder({ path: home.path, partitions, identity: { cycle: 'listener' }, hasTraces: true })
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
      const reader = opened.folder.reader()
      opened.readers.push(reader)
      return reader
    },
    async restart() {
      await close()
      opened = open()
    },
    async dispose() {
      await close()
      home[Symbol.dispose]()
    },
  }
})
