import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type ActivityEvent, type ControlRecord, formatInstant, RondoError } from '#contracts'
import { type DataFolder, EventBuffer, type LogRecord, type LogWriter, openDataFolder, partitionOf } from '#event-log'
import { SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'
import { eventually } from '../../../../test/fixtures/eventually.ts'
import { admitted } from '../admission/ingest-log.ts'
import { fullBuffer } from './buffer-probes.ts'
import { KafkaIngestLog } from './kafka-ingest-log.ts'

const START = Date.parse('2026-03-01T00:00:00.000Z')
const PARTITIONS = 2
const IDENTITY = { cluster: 'c', prefix: '', partitions: String(PARTITIONS) }
const ROOM = 1_000_000
const ANN = 'ann'
const OF_ANN = partitionOf(ANN, PARTITIONS)
/** An actor of the other partition. */
const BOB = Array.from({ length: 50 }, (_, n) => `bob${n}`).find((actor) => partitionOf(actor, PARTITIONS) !== OF_ANN) as string

/** What an append to a partition does: it writes; it fails before or after it has written; or it does not answer until it is released. */
type Behaviour = 'writes' | 'fails' | 'fails after the write' | 'hangs'

let home: TemporaryFolder
let folder: DataFolder
let buffer: EventBuffer
let clock: SimulatedClock
let alarms: string[]
let behaviours: Behaviour[]
let release: () => void
beforeEach(() => {
  home = temporaryFolder()
  folder = openDataFolder({ path: join(home.path, 'log'), partitions: PARTITIONS, identity: {} })
  clock = new SimulatedClock(START)
  alarms = []
  behaviours = Array.from({ length: PARTITIONS }, () => 'writes')
  openBuffer()
})
afterEach(async () => {
  log.stop(new RondoError('RONDO_INTERNAL', 'The test has ended.'))
  release?.()
  buffer.close()
  await folder.close()
  home[Symbol.dispose]()
})

const noAnswer = (): RondoError => new RondoError('RONDO_LOG_UNAVAILABLE', 'no answer', { retriable: true })
const writer: LogWriter = {
  partitions: PARTITIONS,
  async append(partition, frames) {
    const behaviour = behaviours[partition]
    if (behaviour === 'fails') throw noAnswer()
    if (behaviour === 'hangs') {
      await new Promise<void>((resolve) => {
        release = resolve
      })
    }
    const offset = await folder.writer.append(partition, frames)
    if (behaviour === 'fails after the write') throw noAnswer()
    return offset
  },
  close: async () => {},
}

let log: KafkaIngestLog
function openLog(slowMs = 2 ** 30): void {
  const tail = async function* (_topic: string, partition: number, from: number): AsyncGenerator<LogRecord> {
    if (behaviours[partition] === 'fails') throw noAnswer()
    yield* (await recordsOf(partition)).filter(({ offset }) => offset >= from)
  }
  log = new KafkaIngestLog({ writer, refusals: folder.writer, buffered: { buffer, tail }, slowMs, clock, onAlarm: (text) => void alarms.push(text) })
}
function openBuffer(bytesMax = ROOM): void {
  buffer = new EventBuffer({ folder: join(home.path, 'buffer'), bytesMax, identity: IDENTITY })
  openLog()
}
/** The next process, after a crash. */
function restart(bytesMax = ROOM): void {
  log.stop(new RondoError('RONDO_INTERNAL', 'The process has been killed.'))
  buffer.close()
  openBuffer(bytesMax)
}

async function recordsOf(partition: number): Promise<readonly LogRecord[]> {
  const reader = folder.reader()
  try {
    const owned = await new Promise<Parameters<Parameters<typeof reader.own>[0]['assigned']>[0]>((resolve) => {
      void reader.own({ assigned: (candidate) => candidate.partition === partition && resolve(candidate), revoked() {} })
    })
    return await owned.read(0, { bytesMax: 1e9, waitMs: 0 })
  } finally {
    await reader.close()
  }
}
const brief = (entry: ActivityEvent | ControlRecord): string => ('record' in entry ? `${entry.record} ${entry.writer}` : entry.id)
const written = async (partition = OF_ANN): Promise<string[]> =>
  (await recordsOf(partition)).flatMap(({ frame }) => frame.split('\n').map((line) => brief(JSON.parse(line))))

function eventOf(id: string, actor: string, size = 0): ActivityEvent {
  const time = formatInstant(clock.now())
  return { id, type: 'track', event: 'Visit', actor: { type: 'user', id: actor }, properties: { x: 'x'.repeat(size) }, time, receivedAt: time }
}
const append = (id: string, actor = ANN, size = 0): Promise<void> => log.append(admitted([eventOf(id, actor, size)], [], clock.now()))
const control = (record: ControlRecord['record'], writerId: string): ControlRecord => ({ record, writer: writerId, time: formatInstant(clock.now()) })
const tick = (id: string): void => log.tick(OF_ANN, clock.now(), [JSON.stringify(control('tick', id))])
const untilDrained = () =>
  eventually(
    () => buffer.bytes,
    (bytes) => bytes === 0,
  )

describe('a log with a buffer', () => {
  it('answers for a partition that fails from the buffer, and writes it first when the partition answers, in the order of the calls', async () => {
    await append('a')
    behaviours[OF_ANN] = 'fails'
    await Promise.all([append('b'), append('c')])
    await append('d')
    await append('other', BOB)
    expect([await written(), buffer.parts[OF_ANN]?.events]).toEqual([['a'], 3])
    expect(log.oldestWaiting).toBe(START)
    behaviours[OF_ANN] = 'writes'
    await append('e')
    await untilDrained()
    await append('f')
    expect(await written()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    expect(log.oldestWaiting).toBeUndefined()
  })

  it('answers from the buffer while an append hangs, and takes out what the append has written in the end', async () => {
    log.stop(noAnswer())
    openLog(1)
    behaviours[OF_ANN] = 'hangs'
    await append('a')
    await append('b')
    expect(buffer.parts.map(({ events }) => events).reduce((sum, events) => sum + events)).toBe(2)
    behaviours[OF_ANN] = 'writes'
    release()
    await untilDrained()
    expect(await written()).toEqual(['a', 'b'])
  })

  it.each([
    ['in the same process', () => {}],
    ['after a crash', () => restart()],
  ])('does not write again what an append without an answer has written: %s', async (_, between) => {
    await append('a')
    behaviours[OF_ANN] = 'fails after the write'
    await append('b')
    behaviours[OF_ANN] = 'fails'
    await append('c')
    between()
    behaviours[OF_ANN] = 'writes'
    await untilDrained()
    await append('d')
    expect(await written()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('keeps events of a killed process for the next one, which writes them before its own', async () => {
    behaviours = behaviours.map(() => 'fails')
    await Promise.all([append('a'), append('other', BOB)])
    restart()
    await append('b')
    expect(await written()).toEqual([])
    behaviours = behaviours.map(() => 'writes')
    await untilDrained()
    expect([await written(), await written(1 - OF_ANN)]).toEqual([['a', 'b'], ['other']])
  })

  it('writes control records and ticks at their places, and never from the buffer of another process', async () => {
    behaviours[OF_ANN] = 'fails'
    await append('a')
    void log.announce([control('writer.open', 'w1')], clock.now())
    tick('w1')
    await append('b')
    tick('w1')
    behaviours[OF_ANN] = 'writes'
    await append('c')
    await untilDrained()
    const entries = await eventually(written, (list) => list.includes('tick w1'))
    expect(entries.filter((entry) => entry !== 'tick w1')).toEqual(['a', 'writer.open w1', 'b', 'c'])
    // The first tick was out of date when the second one came.
    expect(entries.slice(entries.indexOf('b') + 1)).toContain('tick w1')
    behaviours[OF_ANN] = 'fails'
    await append('d')
    void log.announce([control('writer.open', 'w1')], clock.now()).catch(() => {})
    tick('w1')
    restart()
    behaviours[OF_ANN] = 'writes'
    await untilDrained()
    expect((await written()).slice(entries.length)).toEqual(['d'])
  })

  it('refuses a request as a whole when the part of one of its partitions is full, and other partitions answer', async () => {
    restart(4000)
    behaviours[OF_ANN] = 'fails'
    await append('a', ANN, 1500)
    const both = [eventOf('b', ANN, 1000), eventOf('c', BOB)]
    await expect(log.append(admitted(both, [], clock.now()))).rejects.toMatchObject({ code: 'RONDO_OVERLOADED', retriable: true })
    await append('d', BOB)
    expect(await written(1 - OF_ANN)).toEqual(['d'])
    expect(log.release()).toEqual({ isHolding: false })
    clock.advanceBy(5000)
    behaviours[OF_ANN] = 'writes'
    await untilDrained()
    await append('e')
    expect(await written()).toEqual(['a', 'e'])
    // Its client has buffered the request meanwhile: log time waits for what comes again.
    expect(log.release()).toEqual({ isHolding: false, refused: { from: START, until: START + 5000 } })
    expect(log.release()).toEqual({ isHolding: false })
  })

  it('is full for a partition that does not answer while its disk takes nothing, also if nothing waits there, and not when the partition answers', async () => {
    const disk = new DatabaseSync(join(home.path, 'buffer', 'buffer.db'))
    disk.exec('ALTER TABLE frames RENAME TO hidden')
    behaviours[OF_ANN] = 'fails'
    const first = append('a')
    const reason = await eventually(
      () => fullBuffer(buffer),
      (text) => text !== undefined,
    )
    expect([buffer.bytes, reason]).toEqual([0, expect.stringContaining(`full for activity partition ${OF_ANN}`)])
    behaviours[OF_ANN] = 'writes'
    await first
    expect(fullBuffer(buffer)).toBeUndefined()
    disk.exec('ALTER TABLE hidden RENAME TO frames')
    disk.close()
  })

  it('refuses in memory too when a partition takes more than it leaves for the others, without a buffer', async () => {
    log = new KafkaIngestLog({ writer, refusals: folder.writer, waitingBytesMax: 4000, clock, onAlarm() {} })
    behaviours[OF_ANN] = 'fails'
    const first = append('a', ANN, 1500)
    await expect(append('b', ANN, 1500)).rejects.toMatchObject({ code: 'RONDO_OVERLOADED', retriable: true })
    await append('c', BOB)
    behaviours[OF_ANN] = 'writes'
    await first
    expect([await written(), await written(1 - OF_ANN)]).toEqual([['a'], ['c']])
  })

  it('keeps refused events too, and gives them to a partition that answers', async () => {
    const refused = { code: 'RONDO_EVENT_INVALID' as const, reason: 'no', where: 'POST', refusedAt: null, raw: '{}' }
    let isDown = true
    const refusals: LogWriter = { ...writer, append: (partition, frames) => (isDown ? Promise.reject(noAnswer()) : folder.writer.append(partition, frames)) }
    const tail = async function* (): AsyncGenerator<LogRecord> {}
    restart()
    log = new KafkaIngestLog({ writer, refusals, buffered: { buffer, tail }, clock, onAlarm() {} })
    await log.append(admitted([], [refused, refused], clock.now()))
    expect(buffer.parts.filter(({ place, isEmpty }) => place.topic === 'quarantine' && !isEmpty).map(({ events }) => events)).toEqual([2])
    isDown = false
    await untilDrained()
    expect((await Promise.all([recordsOf(0), recordsOf(1)])).flat().map(({ frame }) => JSON.parse(frame).reason)).toEqual(['no', 'no'])
  })
})
