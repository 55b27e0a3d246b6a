// A process for tests: it archives and trims a data folder day by day, as `rondo archive` does each night, and then writes log.db again in its smallest form.
import { verifiedEnd, writeArchive } from '#archive'
import { FolderHistory, openFolderTrim } from '#event-log'
import { neededBeginning } from '#pipeline'

const DAY_MS = 86_400_000
const FILE_ENTRIES_MAX = 50

const [data = '', archive = '', first = '', days = ''] = process.argv.slice(2)

for (let day = 1; day <= Number(days); day++) {
  const now = Number(first) + day * DAY_MS
  const log = new FolderHistory(data)
  const trim = openFolderTrim(data, 1)
  await writeArchive({ archive, log, before: now, fileEntriesMax: FILE_ENTRIES_MAX })
  const { begin } = await log.bounds(0)
  const { offset: needed } = neededBeginning(await log.checkpoints(0))
  const below = await verifiedEnd(archive, log, { partition: 0, needed, before: now - DAY_MS })
  log.close()
  await trim.trim([{ partition: 0, begin, below: Math.max(begin, below), archive }], day === Number(days))
  await trim.close()
}
