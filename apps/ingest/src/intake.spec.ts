import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { type ActivityEvent, type ControlRecord, formatInstant, instantOf, type QuarantineRecord } from '#contracts'
import { ActivityLog, Backfill, type DataFolder, openDataFolder } from '#event-log'
import { SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'
import { ownedBy } from '../../../libs/event-log/src/conformance/fixture.ts'
import { Intake, type IntakeOptions } from './intake.ts'

const START = Date.parse('2026-03-01T00:00:00.000Z')

let home: TemporaryFolder
let folder: DataFolder
let clock: SimulatedClock
let log: ActivityLog
let failures: unknown[]

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick', 'Date', 'performance'] })
  home = temporaryFolder()
  clock = new SimulatedClock(START)
  failures = []
  open()
})

afterEach(async () => {
  jest.useRealTimers()
  await folder.close()
  home[Symbol.dispose]()
})

function open(): void {
  folder = openDataFolder({ path: home.path, partitions: 1, identity: {} })
  log = new ActivityLog(folder.writer)
}
function intakeOf(options: Partial<IntakeOptions> = {}): Intake {
  return new Intake({ log, clock, catchUpMs: 0, onFailure: (failure) => failures.push(failure), ...options })
}
/** As after a crash: what the one before has in memory is gone. */
async function reopen(): Promise<void> {
  await folder.close()
  open()
}
/** Lets what is under way be written. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
}
async function pass(ms: number): Promise<void> {
  clock.advanceBy(ms)
  jest.advanceTimersByTime(ms)
  await settle()
}
const eventAt = (id: string, arrival: number, type = 'user'): ActivityEvent => {
  const time = formatInstant(arrival)
  return { id, type: 'track', event: 'Visit', actor: { type, id: 'u1' }, time, receivedAt: time }
}
const accept = (intake: Intake, id: string) => intake.accept((arrival) => ({ events: [eventAt(id, arrival)], quarantine: [] }))
async function framesInLog(): Promise<string[]> {
  const reader = folder.reader()
  const owned = await ownedBy(reader)
  const frames = (await owned.read(0, { bytesMax: 1e9, waitMs: 0 })).map(({ frame }) => frame)
  await reader.close()
  return frames
}
async function recordsInLog(): Promise<(ActivityEvent | ControlRecord)[]> {
  return (await framesInLog()).flatMap((frame) => frame.split('\n').map((line) => JSON.parse(line)))
}
const brief = (record: ActivityEvent | ControlRecord): string => ('record' in record ? record.record : record.id)
const inLog = async (): Promise<string[]> => (await recordsInLog()).map(brief)

describe('an intake', () => {
  it('writes what arrives together into one frame', async () => {
    const intake = intakeOf()
    await intake.start()
    await Promise.all(['a', 'b', 'c'].map((id) => accept(intake, id)))
    expect((await framesInLog()).map((frame) => frame.split('\n').length)).toEqual([1, 3])
    await intake.close()
  })

  it('lets time pass each second where something may be due or has come, and each 15 s where nothing can be', async () => {
    const folded = { dueAt: Number.POSITIVE_INFINITY }
    const intake = intakeOf({ folded: () => ({ ...folded, logTime: clock.now() }) })
    await intake.start()
    await accept(intake, 'a')
    for (let second = 1; second <= 20; second++) await pass(1000)
    folded.dueAt = START + 22_500
    for (let second = 21; second <= 24; second++) await pass(1000)
    const ticks = (await recordsInLog()).filter((record) => 'record' in record && record.record === 'tick')
    expect(ticks.map(({ time }) => (instantOf(time) - START) / 1000)).toEqual([1, 16, 23, 24])
    await intake.close()
  })

  it('keeps what was refused beside the log, in the order of arrival', async () => {
    const intake = intakeOf()
    await intake.start()
    const refusal = (reason: string): QuarantineRecord => ({ code: 'RONDO_EVENT_INVALID', reason, where: 'POST', refusedAt: null, raw: '{}' })
    await intake.accept(() => ({ events: [], quarantine: [refusal('one'), refusal('two')] }))
    expect(folder.writer.quarantine(0, 10).map(({ record }) => JSON.parse(record).reason)).toEqual(['one', 'two'])
    expect(folder.writer.quarantine(1, 10).length).toBe(1)
    await intake.close()
  })

  it('turns requests away before it holds more than it may, and goes on when it has written', async () => {
    const intake = intakeOf({ waitingBytesMax: 100 })
    await intake.start()
    const first = accept(intake, 'a')
    await expect(accept(intake, 'b')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED', retriable: true })
    await first
    await accept(intake, 'c')
    expect(await inLog()).toEqual(['writer.open', 'a', 'c'])
    await intake.close()
  })

  it('answers what it took in before it closes, and turns the rest away', async () => {
    const intake = intakeOf()
    await intake.start()
    const last = accept(intake, 'a')
    const closing = intake.close()
    await expect(accept(intake, 'b')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED' })
    await Promise.all([last, closing])
    expect(await inLog()).toEqual(['writer.open', 'a', 'tick', 'writer.close'])
    expect(log.state.writer).toBe(null)
  })

  it('fails as a whole where the log cannot be written', async () => {
    const intake = intakeOf()
    await intake.start()
    await folder.writer.close()
    await expect(accept(intake, 'a')).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
    expect(failures.length).toBe(1)
  })
})

describe('ticks', () => {
  it('come each second once there is anything in the log, and not before: history may still come in', async () => {
    const intake = intakeOf()
    await intake.start()
    await pass(5000)
    expect(await inLog()).toEqual(['writer.open'])
    await accept(intake, 'a')
    await pass(1000)
    await pass(1000)
    expect(await inLog()).toEqual(['writer.open', 'a', 'tick', 'tick'])
    await intake.close()
  })

  it('wait after an outage for what clients have buffered, at most as long as it lasted', async () => {
    const first = intakeOf()
    await first.start()
    await accept(first, 'a')
    await pass(1000)
    await first.close()
    await reopen()
    clock.advanceBy(3000)
    const second = intakeOf({ catchUpMs: 120_000 })
    await second.start()
    await pass(2000)
    expect(await inLog()).toEqual(['writer.open', 'a', 'tick', 'tick', 'writer.close', 'writer.open'])
    await pass(1000)
    expect((await inLog()).at(-1)).toBe('tick')
    await second.close()
  })

  it('of a process that crashed are closed by the next one', async () => {
    await intakeOf().start()
    await reopen()
    const second = intakeOf()
    await second.start()
    const [opened, next, closed] = await recordsInLog()
    expect(next).toMatchObject({ record: 'writer.open' })
    expect(closed).toMatchObject({ record: 'writer.close', writer: (opened as ControlRecord).writer, by: (next as ControlRecord).writer })
    await second.close()
  })

  it('and arrivals go on from where they were when the clock was set back between two lives', async () => {
    const first = intakeOf()
    await first.start()
    await pass(60_000)
    await accept(first, 'a')
    await pass(1000)
    await reopen()
    clock = new SimulatedClock(START)
    const second = intakeOf()
    await second.start()
    await accept(second, 'b')
    await pass(1000)
    const records = await recordsInLog()
    const b = records.find((record) => brief(record) === 'b') as ActivityEvent
    expect(instantOf(b.receivedAt)).toBe(START + 61_000)
    expect(records.at(-1)).toMatchObject({ record: 'tick', time: formatInstant(START + 61_000) })
    await second.close()
  })
})

describe('while an import is open', () => {
  const backfillOf = () => new Backfill({ log, clock, graceMs: 3_600_000 })
  const begun = async (backfill: Backfill, source = 'rows') => (await backfill.begin({ source, firstTime: clock.now() - 1000 })).id
  const refusal: QuarantineRecord = { code: 'RONDO_EVENT_INVALID', reason: 'no event', where: 'POST', refusedAt: null, raw: '{}' }

  it('live events are answered once they are durable, and stand behind its end in their order, with their arrivals', async () => {
    const [intake, backfill] = [intakeOf(), backfillOf()]
    const id = await begun(backfill)
    await intake.start()
    for (const name of ['one', 'two', 'one']) {
      await accept(intake, name)
      await pass(60_000)
    }
    await backfill.put(id, { first: 0, rows: [eventAt('row', START - 1000)] })
    expect(await inLog()).toEqual(['backfill.begin', 'writer.open', 'row'])
    await backfill.end(id)
    await pass(1000)
    await pass(1000)
    const records = await recordsInLog()
    expect(records.map(brief)).toEqual(['backfill.begin', 'writer.open', 'row', 'backfill.end', 'one', 'two', 'one', 'tick'])
    expect(records.slice(4, 7).map((record) => (record as ActivityEvent).receivedAt)).toEqual([0, 1, 2].map((minute) => formatInstant(START + minute * 60_000)))
    expect(log.state).toMatchObject({ held: null, arrival: START + 120_000 })
    await intake.close()
  })

  it('live events outlive the process, also one that ends in order, and what comes later stands behind them', async () => {
    const backfill = backfillOf()
    const id = await begun(backfill)
    const first = intakeOf()
    await first.start()
    await accept(first, 'a')
    const last = accept(first, 'b')
    await first.close()
    await last
    await reopen()
    const second = intakeOf()
    await second.start()
    await accept(second, 'c')
    await reopen()
    await backfillOf().end(id)
    const third = intakeOf({ catchUpMs: 0 })
    await third.start()
    await accept(third, 'd')
    expect((await inLog()).filter((record) => record.length === 1)).toEqual([])
    await pass(1000)
    await accept(third, 'e')
    await pass(1000)
    const records = await inLog()
    expect(records.slice(records.indexOf('backfill.end'))).toEqual(['backfill.end', 'writer.open', 'writer.close', 'a', 'b', 'c', 'd', 'e', 'tick'])
    await third.close()
  })

  it('no more is held than may be, over restarts too; what is refused is kept, and time waits for those who were turned away', async () => {
    const backfill = backfillOf()
    const id = await begun(backfill)
    const bytes = Buffer.byteLength(`${JSON.stringify(eventAt('ä1', START))}\n`)
    const alarms: string[] = []
    const options = { heldBytesMax: 2 * bytes, catchUpMs: 120_000, onAlarm: (text: string) => alarms.push(text) }
    const first = intakeOf(options)
    await first.start()
    await Promise.all([
      accept(first, 'ä1'),
      accept(first, 'ä2'),
      expect(accept(first, 'ä3')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED', retriable: true }),
    ])
    await reopen()
    const second = intakeOf(options)
    await second.start()
    await expect(accept(second, 'ä4')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED' })
    await second.accept(() => ({ events: [], quarantine: [refusal] }))
    expect(folder.writer.quarantine(0, 10).length).toBe(1)
    expect(alarms.length).toBe(2)
    await pass(30_000)
    await backfillOf().end(id)
    await pass(1000)
    await accept(second, 'ä3')
    await pass(29_000)
    expect((await inLog()).slice(-4)).toEqual(['backfill.end', 'ä1', 'ä2', 'ä3'])
    await pass(2000)
    expect((await inLog()).at(-1)).toBe('tick')
    await second.close()
  })

  it('a second import waits for what the first has held up, and its rows stand behind it', async () => {
    const [intake, backfill] = [intakeOf(), backfillOf()]
    const first = await begun(backfill)
    await intake.start()
    await accept(intake, 'held')
    await backfill.end(first)
    const second = await begun(backfill, 'more rows')
    await accept(intake, 'later')
    await backfill.put(second, { first: 0, rows: [eventAt('row', clock.now() - 500)] })
    await backfill.end(second)
    await pass(1000)
    const records = await inLog()
    expect(records.slice(records.indexOf('held'))).toEqual(['held', 'tick', 'backfill.begin', 'row', 'backfill.end', 'later'])
    await intake.close()
  })

  it('what is held is moved in parts, none of it twice, though the process ends between two of them', async () => {
    const backfill = backfillOf()
    const id = await begun(backfill)
    const intake = intakeOf()
    await intake.start()
    const large = Array.from({ length: 12 }, (_, at) => ({ ...eventAt(`e${at}`, START + at), properties: { text: 'x'.repeat(1_000_000) } }))
    for (const event of large) await intake.accept(() => ({ events: [event], quarantine: [] }))
    await backfill.end(id)
    const stop = new AbortController()
    const moving = log.release(stop.signal)
    stop.abort()
    await moving
    expect((await inLog()).slice(-5)).toEqual(['backfill.end', 'e0', 'e1', 'e2', 'e3'])
    expect(log.state.held?.bytes).toBeGreaterThan(8_000_000)
    await reopen()
    await log.release()
    expect((await inLog()).slice(-12)).toEqual(large.map(({ id: name }) => name))
    expect(log.state.held).toBe(null)
  })

  it('a place that the disk has changed among what is held ends it with a sentence', async () => {
    const backfill = backfillOf()
    const id = await begun(backfill)
    const intake = intakeOf()
    await intake.start()
    await accept(intake, 'a')
    await folder.close()
    const db = new DatabaseSync(join(home.path, 'log.db'))
    db.exec(`UPDATE held SET frame = replace(frame, '"a"', '"b"')`)
    db.close()
    open()
    const next = intakeOf()
    await next.start()
    await backfillOf().end(id)
    await pass(1000)
    expect(failures).toMatchObject([{ code: 'RONDO_DATA_CORRUPT', message: expect.stringContaining('held frame 1') }])
  })
})

it('a tick never stands before what was accepted earlier, and what was answered is there once, in its order, whatever comes when', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('accept' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 2500 }) }),
    fc.constant({ kind: 'begin' as const }),
    fc.constant({ kind: 'end' as const }),
    fc.constant({ kind: 'crash' as const }),
  )
  let [ticks, held] = [0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await folder.close()
      home[Symbol.dispose]()
      home = temporaryFolder()
      open()
      let intake = intakeOf()
      let number = 0
      const answered: number[] = []
      const backfill = () => new Backfill({ log, clock, graceMs: 1e12 })
      await intake.start()
      for (const { kind, ...rest } of steps) {
        if (kind === 'accept')
          for (let n = (rest as { count: number }).count; n > 0; n--) {
            const id = number++
            accept(intake, `e${id}`).then(
              () => answered.push(id),
              () => {},
            )
          }
        if (kind === 'pass') await pass((rest as { ms: number }).ms)
        if (kind === 'begin' && log.state.backfill === null) await backfill().begin({ source: `rows ${number++}`, firstTime: START })
        if (kind === 'end' && log.state.backfill !== null) await backfill().end(log.state.backfill.id)
        if (kind === 'crash') {
          jest.clearAllTimers()
          await settle()
          await reopen()
          intake = intakeOf()
          await intake.start()
        }
        if (log.state.held !== null) held += 1
      }
      await settle()
      if (log.state.backfill !== null) await backfill().end(log.state.backfill.id)
      await pass(1000)
      await intake.close()
      const records = await recordsInLog()
      const live = records.filter((record) => !('record' in record)).map((record) => Number(brief(record).slice(1)))
      expect(live).toEqual(Array.from(new Set(live)).sort((one, other) => one - other))
      expect(answered.filter((id) => !live.includes(id))).toEqual([])
      let tick = Number.NEGATIVE_INFINITY
      for (const record of records) {
        if (!('record' in record)) expect(instantOf(record.receivedAt)).toBeGreaterThanOrEqual(tick)
        else if (record.record === 'tick') {
          expect(instantOf(record.time)).toBeGreaterThanOrEqual(tick)
          tick = instantOf(record.time)
          ticks += 1
        }
      }
    }),
    { numRuns: 40 },
  )
  expect(ticks).toBeGreaterThan(10)
  expect(held).toBeGreaterThan(10)
})
