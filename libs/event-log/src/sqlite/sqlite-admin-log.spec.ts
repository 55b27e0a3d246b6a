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

/** A folder into whose acts another program, or another release, has written. */
async function folderWith(...records: readonly string[]): Promise<DataFolder> {
  await openAt(temporary.path).close()
  const db = new DatabaseSync(join(temporary.path, 'log.db'))
  for (const record of records) db.prepare('INSERT INTO acts (record) VALUES (?)').run(record)
  db.close()
  return openAt(temporary.path)
}

it.each(['{', '{"kind":"key-ended"}', '{"kind":"tea-made"}', '17'])('a stored act with the text %s is refused, not skipped', async (record) => {
  const folder = await folderWith(record)
  await expect(new SqliteAdminLog(folder.writer).read()).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT' })
  await folder.close()
})

const later = (kind: string): string => JSON.stringify({ kind, at: '2027-01-01T00:00:00.000Z', by: 'command', more: [1] })

it('an act of a later release is skipped and reported, and the acts behind it are read', async () => {
  const known = { kind: 'key-ended', at: '2026-01-01T00:00:00.000Z', by: 'command', id: '000000000001', endsAt: '2026-01-01T00:00:00.000Z' }
  const folder = await folderWith(later('tea-made'), JSON.stringify(known))
  const skipped: string[] = []
  const acts = new SqliteAdminLog(folder.writer, (text) => void skipped.push(text))
  expect([await acts.read(), await acts.read(), skipped]).toEqual([[known], [], [expect.stringContaining('is an act of a later release of Rondo (tea-made)')]])
  await folder.close()
})

it('an act of a later release about keys is refused, since it may have ended a key', async () => {
  const folder = await folderWith(later('key-suspended'))
  await expect(new SqliteAdminLog(folder.writer).read()).rejects.toMatchObject({
    code: 'RONDO_DATA_MISMATCH',
    message: expect.stringContaining('run the later release'),
  })
  await folder.close()
})
