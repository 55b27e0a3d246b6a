import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { EventBuffer, type EventBufferOptions } from './event-buffer.ts'

const IDENTITY = { cluster: 'c1', prefix: '', partitions: '2' }
const PLACE = { topic: 'activity', partition: 0 }
const frame = (text: string, arrival = 1) => ({ frame: text, arrival, events: 1 })

let home: TemporaryFolder
let open: EventBuffer[]
beforeEach(() => {
  home = temporaryFolder()
  open = []
})
afterEach(() => {
  for (const buffer of open) buffer.close()
  home[Symbol.dispose]()
})

const opened = (options: Partial<EventBufferOptions> = {}): EventBuffer => {
  const buffer = new EventBuffer({ folder: join(home.path, 'buffer'), bytesMax: 1000, identity: IDENTITY, ...options })
  open.push(buffer)
  return buffer
}
const reopened = (options: Partial<EventBufferOptions> = {}): EventBuffer => {
  for (const buffer of open.splice(0)) buffer.close()
  return opened(options)
}
/** Runs statements on the file of a closed buffer. */
function tamper(sql: string): void {
  for (const buffer of open.splice(0)) buffer.close()
  const db = new DatabaseSync(join(home.path, 'buffer', 'buffer.db'))
  db.exec(sql)
  db.close()
}

describe('the buffer of an ingest process', () => {
  it('keeps frames in their order until they are removed, also for the next process', () => {
    opened()
      .part(PLACE)
      .add([frame('a', 5), frame('b', 6)], 40)
    const part = reopened().part(PLACE)
    expect(part.oldest(1000).map((kept) => kept.frame)).toEqual(['a', 'b'])
    expect([part.bytes, part.events, part.oldestArrival, part.end]).toEqual([2, 2, 5, 40])
    part.remove(part.oldest(1)[0]?.number ?? 0, 41)
    expect([part.bytes, part.events, part.oldestArrival, part.end]).toEqual([1, 1, 6, 41])
    part.add([frame('c', 7)], 99)
    const next = reopened().part(PLACE)
    expect([next.oldest(1000).map((kept) => kept.frame), next.end]).toEqual([['b', 'c'], 41])
  })

  it('gives each partition frames of its own, and no partition more room than it leaves for the others', () => {
    const buffer = opened({ bytesMax: 100 })
    const [first, second] = [buffer.part(PLACE), buffer.part({ topic: 'quarantine', partition: 0 })]
    expect([buffer.fits(first, 50), buffer.fits(first, 51)]).toEqual([true, false])
    first.add([frame('x'.repeat(50))], undefined)
    expect([buffer.fits(first, 1), buffer.fits(second, 25), buffer.fits(second, 26)]).toEqual([false, true, false])
    second.add([frame('y')], undefined)
    expect(second.oldest(100).map((kept) => kept.frame)).toEqual(['y'])
    expect(buffer.bytes).toBe(51)
  })

  it('is refused if another process has it', () => {
    opened()
    expect(() => opened()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_LOCKED' }))
  })

  it.each([{ cluster: 'c2' }, { prefix: 'g2-' }, { partitions: '3' }])('is refused with events of another log: %j', (other) => {
    opened()
      .part(PLACE)
      .add([frame('a')], 1)
    const message = expect.stringContaining('The events in it were answered and are not in the log yet')
    expect(() => reopened({ identity: { ...IDENTITY, ...other } })).toThrow(expect.objectContaining({ code: 'RONDO_DATA_MISMATCH', message }))
    expect(reopened().part(PLACE).bytes).toBe(1)
  })

  it('may be used for another log when it is empty; then it knows nothing of the log before', () => {
    const before = opened()
    const part = before.part(PLACE)
    part.add([frame('a')], 7)
    part.remove(part.newest, 8)
    before.noteWriter('w1')
    expect([reopened().part(PLACE).end, open[0]?.writers()]).toEqual([8, ['w1']])
    const other = reopened({ identity: { ...IDENTITY, cluster: 'c2' } })
    expect([other.part(PLACE).end, other.writers()]).toEqual([undefined, []])
  })

  it('knows the writers that were not closed', () => {
    opened().noteWriter('w1')
    open[0]?.noteWriter('w2')
    open[0]?.forgetWriter('w1')
    expect(reopened().writers()).toEqual(['w2'])
  })

  it.each(["UPDATE frames SET frame = 'b'", 'UPDATE frames SET partition = 7', 'UPDATE frames SET arrival = 9'])('is refused with damage: %s', (sql) => {
    opened()
      .part(PLACE)
      .add([frame('a')], 1)
    tamper(sql)
    expect(() => opened()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_CORRUPT', message: expect.stringContaining('they were answered') }))
  })

  it('is refused if its file belongs to another program', () => {
    mkdirSync(join(home.path, 'buffer'))
    tamper('CREATE TABLE theirs (x)')
    expect(() => opened()).toThrow(expect.objectContaining({ code: 'RONDO_DATA_FOREIGN' }))
  })

  it('keeps a reserve on the disk while it is empty, and becomes small again', () => {
    const reserve = join(home.path, 'buffer', 'reserve')
    const part = opened().part(PLACE)
    expect(statSync(reserve).size).toBeGreaterThan(1_000_000)
    part.add([frame('x'.repeat(2_000_000))], 1)
    part.remove(part.newest, 2)
    for (const buffer of open.splice(0)) buffer.close()
    const file = join(home.path, 'buffer', 'buffer.db')
    expect(statSync(file).size).toBeGreaterThan(2_000_000)
    opened()
    expect(statSync(file).size).toBeLessThan(500_000)
  })
})
