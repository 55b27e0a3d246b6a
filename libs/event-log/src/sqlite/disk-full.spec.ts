import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { frameOf, ownedBy, readAll } from '../conformance/fixture.ts'
import { positionAt, sampleBatch, sampleOutputs } from '../conformance/samples.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { openDatabase } from './database-file.ts'
import { logFile } from './log-file.ts'
import type { ReadModelTables } from './read-model-tables.ts'
import { SqliteLogWriter } from './sqlite-log-writer.ts'

/** The disk is not filled: SQLite's limit on the pages of a file fails in the same way, in the middle of a transaction. */
describe('on a full disk, or a locked file', () => {
  let home: TemporaryFolder

  beforeEach(() => {
    home = temporaryFolder()
  })
  afterEach(() => home[Symbol.dispose]())

  it('a group of frames is refused as a whole, and accepted when there is room again', async () => {
    const path = join(home.path, 'log.db')
    const { db } = openDatabase(path, logFile)
    const writer = new SqliteLogWriter(db, path, 1)
    expect(await writer.append(0, ['a'], { note: { key: 'rows', value: '1' } })).toBe(0)
    db.exec('PRAGMA max_page_count = 20')
    const large = 'x'.repeat(100_000)
    const refused = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => writer.append(0, [large], { note: { key: 'rows', value: String(n) } })))
    for (const outcome of refused) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'RONDO_DATA_FULL', retriable: true, message: expect.stringContaining(path) } })
    }
    expect(writer.note('rows')).toBe('1')
    db.exec('PRAGMA max_page_count = 1000000')
    expect(await writer.append(0, ['b'])).toBe(1)
    expect(db.prepare('SELECT "offset", frame FROM frames').all()).toEqual([
      { offset: 0, frame: 'a' },
      { offset: 1, frame: 'b' },
    ])
    await writer.close()
  })

  it('a group of frames is refused while another process holds the lock of the file, and accepted afterwards', async () => {
    const path = join(home.path, 'log.db')
    const { db } = openDatabase(path, logFile)
    const writer = new SqliteLogWriter(db, path, 1)
    db.exec('PRAGMA busy_timeout = 0')
    const other = openDatabase(path, logFile).db
    other.exec('BEGIN IMMEDIATE')
    await expect(writer.append(0, ['a'])).rejects.toMatchObject({ code: 'RONDO_DATA_LOCKED', retriable: true })
    other.exec('ROLLBACK')
    expect(await writer.append(0, ['a'])).toBe(0)
    other.close()
    await writer.close()
  })

  it('a batch is published as a whole or not at all, and may be committed again', async () => {
    let limitPages = (_pages: number) => {}
    const readModelTables: ReadModelTables = {
      open: () => {},
      prepare(tables) {
        limitPages = (pages) => tables.exec(`PRAGMA max_page_count = ${pages}`)
        return { apply: () => {}, catchUp: () => false }
      },
    }
    const folder: DataFolder = openDataFolder({ path: home.path, partitions: 1, identity: {}, readModelTables })
    await folder.writer.append(0, ['a', 'b'])
    const reader = folder.reader()
    const owned = await ownedBy(reader)
    const state = folder.stateReader()
    expect(await owned.commit(sampleBatch({ outputs: sampleOutputs([1]) }))).toBe('committed')
    limitPages(30)
    const checkpoints = [{ bucket: 0, metadata: '{}', bytes: new Uint8Array(1_000_000) }]
    const batch = sampleBatch({ previousPosition: positionAt(0), position: positionAt(1), outputs: sampleOutputs([2, 3]), checkpoints })
    await expect(owned.commit(batch)).rejects.toMatchObject({ code: 'RONDO_DATA_FULL', retriable: true })
    expect(await owned.committed()).toEqual(positionAt(0))
    expect(await state.read(0, 10)).toHaveLength(1)
    limitPages(1_000_000)
    expect(await owned.commit(batch)).toBe('committed')
    expect((await state.read(0, 10)).map(({ output }) => JSON.parse(output).seq)).toEqual([1, 2, 3])
    expect((await readAll(owned, 2)).map(frameOf)).toEqual(['a', 'b'])
    state.close()
    await reader.close()
    await folder.close()
  })
})
