import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { ownedBy, readAll } from '../conformance/fixture.ts'
import type { LogReader } from '../event-log.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'

const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
const NEWEST_OFFSETS = 4_096

describe('the traces of frames in a data folder', () => {
  let home: TemporaryFolder
  let folder: DataFolder
  let readers: LogReader[]

  const open = (hasTraces: boolean): void => {
    folder = openDataFolder({ path: home.path, partitions: 1, identity: { cycle: 'listener' }, hasTraces })
    readers = []
  }
  const close = async (): Promise<void> => {
    for (const reader of readers) await reader.close()
    await folder.close()
  }
  const read = async (count: number) => {
    const reader = folder.reader()
    readers.push(reader)
    return readAll(await ownedBy(reader), count)
  }
  const inFile = <Result>(work: (db: DatabaseSync) => Result): Result => {
    const db = new DatabaseSync(join(home.path, 'log.db'))
    try {
      return work(db)
    } finally {
      db.close()
    }
  }

  beforeEach(() => {
    home = temporaryFolder()
    open(true)
  })
  afterEach(async () => {
    await close()
    home[Symbol.dispose]()
  })

  it('are added to a folder of a release that did not know them, which is otherwise unchanged', async () => {
    await folder.writer.append(0, ['a'])
    await close()
    const before = inFile((db) => {
      db.exec('DROP TABLE frame_traces')
      return db.prepare('PRAGMA user_version').get()
    })
    open(true)
    await folder.writer.append(0, ['b'], { traces: [[TRACE]] })
    expect((await read(2)).map(({ frame, traces }) => [frame, traces])).toEqual([
      ['a', undefined],
      ['b', [TRACE]],
    ])
    // A release that does not know them opens the file by this number alone.
    expect(inFile((db) => db.prepare('PRAGMA user_version').get())).toEqual(before)
  })

  it('are not read where tracing is off', async () => {
    await folder.writer.append(0, ['a'], { traces: [[TRACE]] })
    await close()
    open(false)
    expect(await read(1)).toEqual([{ offset: 0, frame: 'a' }])
  })

  it('are kept for the newest frames only', async () => {
    await folder.writer.append(0, ['old'], { traces: [[TRACE]] })
    await folder.writer.append(
      0,
      Array.from({ length: NEWEST_OFFSETS }, () => 'untraced'),
    )
    await folder.writer.append(0, ['new'], { traces: [[TRACE]] })
    expect(inFile((db) => db.prepare('SELECT "offset" FROM frame_traces').all())).toEqual([{ offset: NEWEST_OFFSETS + 1 }])
  })
})
