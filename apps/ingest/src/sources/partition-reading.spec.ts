import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { RondoError, sourceListSchema } from '#contracts'
import { SimulatedClock } from '#runtime'
import { type MappedRecord, recordMapper } from '#sources'
import { eventually } from '../../../../test/fixtures/eventually.ts'
import { PartitionReading, type ReadPartition } from './partition-reading.ts'

const START = Date.parse('2026-03-01T12:00:00.000Z')
const [definition] = sourceListSchema.parse({ sources: [{ name: 's', topic: 't' }] }).sources
type Records = Awaited<ReturnType<ReadPartition['read']>>['records'][number]

/** A partition in memory that gives one record at a time. */
class Shelf implements ReadPartition {
  readonly topic = 't'
  readonly partition = 0
  readonly commits: number[] = []
  beginning = 0
  isAppendTime = true
  noted: number | undefined
  readonly records: Records[] = []

  put(timestamp: number): void {
    const value = { event: 'Beat', actor: { id: 'u' }, time: new Date(timestamp).toISOString() }
    const offset = this.records.length
    this.records.push({ offset, key: null, value: Buffer.from(JSON.stringify(value)), headers: {}, timestamp, isAppendTime: this.isAppendTime })
  }
  committed = async () => this.noted
  commit = async (offset: number) => void this.commits.push(offset)
  bounds = async () => ({ beginning: this.beginning, stable: this.records.length })
  async read(offset: number) {
    await sleep(1)
    const end = this.records.length
    if (offset < this.beginning || offset > end) throw new RondoError('RONDO_LOG_INCOMPLETE', 'out of range')
    return { records: this.records.slice(offset, offset + 1), next: Math.min(offset + 1, end), stable: end, end }
  }
}

let shelf: Shelf
let clock: SimulatedClock
let written: MappedRecord[]
let alarms: string[]
let gate: Promise<void>
let writes: number
let reading: PartitionReading | undefined
beforeEach(() => {
  shelf = new Shelf()
  clock = new SimulatedClock(START)
  written = []
  alarms = []
  gate = Promise.resolve()
  writes = 0
})
afterEach(async () => {
  await reading?.stop()
})

function begin(parts: { start?: 'beginning' | 'end' } = {}): PartitionReading {
  const write = async (mapped: MappedRecord): Promise<void> => {
    writes++
    await gate
    written.push(mapped)
  }
  const map = recordMapper(definition as NonNullable<typeof definition>)
  reading = new PartitionReading({ partition: shelf, start: 'beginning', map, write, check() {}, clock, onAlarm: (text) => alarms.push(text), ...parts })
  return reading
}
const ids = (): string[] => written.flatMap(({ events }) => events.map(({ id }) => id))
const until = (what: () => boolean): Promise<boolean> => eventually(what, Boolean)

describe('a partition of a source', () => {
  it('commits only durable records', async () => {
    const opened = Promise.withResolvers<void>()
    gate = opened.promise
    shelf.put(START - 5000)
    const { readUntil } = begin()
    await until(() => writes === 1)
    expect([readUntil, reading?.readUntil, shelf.commits]).toEqual([undefined, undefined, []])
    opened.resolve()
    await until(() => reading?.readUntil === START)
    expect([ids(), shelf.commits]).toEqual([['s@t-0-0'], [1]])
  })

  it('moves time with the appends of a backlog, and to the present at its end', async () => {
    const steps: (number | undefined)[] = []
    for (const hour of [3, 2, 1]) shelf.put(START - hour * 3_600_000)
    begin()
    const noted = setInterval(() => steps.at(-1) !== reading?.readUntil && steps.push(reading?.readUntil), 0)
    await until(() => reading?.readUntil === START)
    clearInterval(noted)
    expect(steps).toEqual([...steps].sort((a, b) => (a ?? 0) - (b ?? 0)))
    expect(written.flatMap(({ events }) => events.map(({ receivedAt }) => receivedAt))).toEqual(
      shelf.records.map(({ timestamp }) => new Date(timestamp).toISOString()),
    )
  })

  it('gives records that came during a wait the time at which they came', async () => {
    shelf.isAppendTime = false
    const { read } = shelf
    shelf.read = async (offset) => {
      clock.advanceBy(400)
      if (shelf.records.length === 0) for (const ms of [100, 160]) shelf.put(START + ms)
      return read.call(shelf, offset)
    }
    begin()
    await until(() => written.length === 2)
    expect(written.flatMap(({ events }) => events.map(({ time, receivedAt }) => [time, receivedAt].map((text) => Date.parse(text) - START)))).toEqual([
      [100, 100],
      [160, 160],
    ])
  })

  it('holds time during a backlog if the topic keeps the times of producers', async () => {
    shelf.isAppendTime = false
    const RECORDS = 20
    // One record for each of the last 20 seconds, out of order: 7 and 20 have no common divisor.
    for (let number = 0; number < RECORDS; number++) shelf.put(START - 1000 * ((number * 7) % RECORDS))
    const seen = new Set<number | undefined>()
    begin()
    while (ids().length < RECORDS) {
      seen.add(reading?.readUntil)
      await sleep(0)
    }
    await until(() => reading?.readUntil === START)
    expect([...seen].filter((until) => until !== START)).toEqual([undefined])
  })

  it('reports records that were deleted before they were read', async () => {
    for (let number = 0; number < 5; number++) shelf.put(START)
    shelf.beginning = 3
    shelf.noted = 1
    begin()
    await until(() => ids().length === 2)
    expect(written[0]?.quarantine).toMatchObject([{ code: 'RONDO_LOG_INCOMPLETE', where: 'topic t, partition 0, offsets 1 to 2' }])
    expect(alarms).toEqual([expect.stringContaining('2 offsets were deleted')])
  })

  it('is not read, and holds time, if the topic ends below the position that was read', async () => {
    shelf.put(START)
    shelf.noted = 9
    begin()
    await until(() => alarms.length > 0)
    expect([reading?.isWell, reading?.readUntil, written]).toEqual([false, undefined, []])
    expect(alarms[0]).toContain('RONDO_SOURCE_BROKEN')
  })

  it('is read from its end if the settings demand it, and this position is committed at once', async () => {
    shelf.put(START)
    begin({ start: 'end' })
    await until(() => shelf.commits.length === 1)
    shelf.put(START)
    await until(() => ids().length === 1)
    expect([shelf.commits[0], ids()]).toEqual([1, ['s@t-0-1']])
  })
})
