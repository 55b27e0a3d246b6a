import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { adminLogConformance } from '../conformance/admin-log.conformance.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { SqliteAdminLog } from './sqlite-admin-log.ts'

const openAt = (path: string): DataFolder => openDataFolder({ path, partitions: 1, identity: {} })

adminLogConformance('in a data folder', async () => {
  const temporary = temporaryFolder()
  let folder: DataFolder | undefined
  return {
    async open() {
      await folder?.close()
      folder = openAt(temporary.path)
      return new SqliteAdminLog(folder.writer)
    },
    async dispose() {
      await folder?.close()
      temporary[Symbol.dispose]()
    },
  }
})

let temporary: TemporaryFolder
beforeEach(() => {
  temporary = temporaryFolder()
})
afterEach(() => temporary[Symbol.dispose]())

it.each(['{', '{"kind":"key-ended"}', '17'])('a stored act with the text %s is refused, not skipped', async (record) => {
  await openAt(temporary.path).close()
  const db = new DatabaseSync(join(temporary.path, 'log.db'))
  db.prepare('INSERT INTO acts (record) VALUES (?)').run(record)
  db.close()
  const folder = openAt(temporary.path)
  await expect(new SqliteAdminLog(folder.writer).read()).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT' })
  await folder.close()
})
