import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { bufferFile } from './buffer-file.ts'
import { BufferPart } from './buffer-part.ts'
import { openDatabase } from './database-file.ts'

const PLACE = { topic: 'activity', partition: 0 }
const frame = (text: string) => ({ frame: text, arrival: 1, events: 1 })

let home: TemporaryFolder
let db: DatabaseSync
let path: string
let part: BufferPart
let last: number
beforeEach(() => {
  home = temporaryFolder()
  path = join(home.path, 'buffer.db')
  db = openDatabase(path, bufferFile).db
  last = 0
  part = new BufferPart({ db, path, withReserve: (work) => work() }, PLACE, () => ++last)
})
afterEach(() => {
  db.close()
  home[Symbol.dispose]()
})

/** SQLite's own limit on the pages of a file fails like a full disk, in the middle of a transaction. */
const limit = (pages: number): void => db.exec(`PRAGMA max_page_count = ${pages}`)
const frames = (of = part): string[] => of.oldest(1e9).map((kept) => kept.frame)

describe('the frames of a partition on a full disk', () => {
  it('are refused as a whole, and what was kept before stays; they are accepted when there is room again', () => {
    part.add([frame('a')], 5)
    limit(20)
    const large = [frame('b'), frame('x'.repeat(1_000_000))]
    expect(() => part.add(large, 5)).toThrow(expect.objectContaining({ code: 'RONDO_DATA_FULL', retriable: true }))
    expect([frames(), part.bytes, part.events, part.hasFailed]).toEqual([['a'], 1, 1, true])
    limit(1_000_000)
    part.add([frame('b')], 5)
    expect([frames(), part.newest, part.hasFailed]).toEqual([['a', 'b'], last, false])
  })

  it('are a failure too if they are the first ones, until the partition answers', () => {
    limit(20)
    expect(() => part.add([frame('x'.repeat(1_000_000))], 5)).toThrow(expect.objectContaining({ code: 'RONDO_DATA_FULL' }))
    expect([part.isEmpty, part.hasFailed]).toEqual([true, true])
    part.rest()
    expect(part.hasFailed).toBe(false)
  })

  it('are not written again when they cannot be removed, and are removed with the next ones', () => {
    part.add([frame('a'), frame('b'), frame('c')], 5)
    const [first, second] = part.oldest(1e9)
    db.exec('PRAGMA query_only = ON')
    expect(() => part.remove(first?.number ?? 0, 6)).toThrow(expect.objectContaining({ code: 'RONDO_DATA_UNREADABLE' }))
    expect([frames(), part.bytes, part.end]).toEqual([['b', 'c'], 2, 6])
    // A process that starts now finds the first one in the log, after the offset that it knows.
    const next = new BufferPart({ db, path, withReserve: (work) => work() }, PLACE, () => ++last)
    expect([frames(next), next.end]).toEqual([['a', 'b', 'c'], 5])
    db.exec('PRAGMA query_only = OFF')
    part.remove(second?.number ?? 0, 7)
    const after = new BufferPart({ db, path, withReserve: (work) => work() }, PLACE, () => ++last)
    expect([frames(after), after.end, after.bytes]).toEqual([['c'], 7, 1])
  })
})
