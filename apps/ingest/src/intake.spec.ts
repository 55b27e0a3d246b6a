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

  it('live events wait for its end, and follow it', async () => {
    const [intake, backfill] = [intakeOf(), backfillOf()]
    const { id } = await backfill.begin({ source: 'rows', firstTime: START - 1000 })
    await intake.start()
    const live = accept(intake, 'live')
    await pass(1000)
    await backfill.put(id, { first: 0, rows: [eventAt('row', START - 1000)] })
    await backfill.end(id)
    await pass(1000)
    await live
    expect(await inLog()).toEqual(['backfill.begin', 'writer.open', 'row', 'backfill.end', 'live', 'tick'])
    await intake.close()
  })

  it('who waits too long is told to come again, and is in the log no more than once', async () => {
    const [intake, backfill] = [intakeOf({ heldMsMax: 3000 }), backfillOf()]
    await intake.start()
    const { id } = await backfill.begin({ source: 'rows', firstTime: START })
    const live = expect(accept(intake, 'live')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED' })
    for (let second = 0; second < 4; second++) await pass(1000)
    await live
    await backfill.end(id)
    await accept(intake, 'live')
    expect((await inLog()).filter((record) => record === 'live').length).toBe(1)
    await intake.close()
  })
})

it('a tick never stands before what was accepted earlier, whatever comes when', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('accept' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 2500 }) }),
    fc.constant({ kind: 'import' as const }),
    fc.constant({ kind: 'crash' as const }),
  )
  let checked = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await folder.close()
      home[Symbol.dispose]()
      home = temporaryFolder()
      open()
      let intake = intakeOf()
      let number = 0
      await intake.start()
      for (const { kind, ...rest } of steps) {
        if (kind === 'accept') for (let n = (rest as { count: number }).count; n > 0; n--) accept(intake, `e${number++}`).catch(() => {})
        if (kind === 'pass') await pass((rest as { ms: number }).ms)
        if (kind === 'import') {
          const backfill = new Backfill({ log, clock, graceMs: 1e12 })
          const { id } = await backfill.begin({ source: `rows ${number++}`, firstTime: START })
          await backfill.end(id)
        }
        if (kind === 'crash') {
          jest.clearAllTimers()
          await settle()
          await reopen()
          intake = intakeOf()
          await intake.start()
        }
      }
      await intake.close()
      let tick = Number.NEGATIVE_INFINITY
      for (const record of await recordsInLog()) {
        if (!('record' in record)) expect(instantOf(record.receivedAt)).toBeGreaterThanOrEqual(tick)
        else if (record.record === 'tick') {
          expect(instantOf(record.time)).toBeGreaterThanOrEqual(tick)
          tick = instantOf(record.time)
          checked += 1
        }
      }
    }),
    { numRuns: 25 },
  )
  expect(checked).toBeGreaterThan(10)
})
