import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { type ActivityEvent, type ControlRecord, formatInstant, instantOf, type QuarantineRecord } from '#contracts'
import type { Backfill } from '#event-log'
import { brief, eventAt, fakeTimers, IngestFolder, START } from '../../../../test/fixtures/ingest/ingest-folder.ts'
import type { Admission } from '../admission/admission.ts'

let ingestFolder: IngestFolder

beforeEach(() => {
  fakeTimers()
  ingestFolder = new IngestFolder()
})
afterEach(async () => {
  jest.useRealTimers()
  await ingestFolder.dispose()
})

describe('while an import is open', () => {
  const begun = async (backfill: Backfill, source = 'rows') => (await backfill.begin({ source, firstTime: ingestFolder.clock.now() - 1000 })).id
  const refusal: QuarantineRecord = { code: 'RONDO_EVENT_INVALID', reason: 'no event', where: 'POST', refusedAt: null, raw: '{}' }

  it('live events are answered when they are durable, and come after its end in their order, with their arrivals', async () => {
    const [admission, backfill] = [ingestFolder.admission(), ingestFolder.backfill()]
    const id = await begun(backfill)
    await admission.start()
    for (const name of ['one', 'two', 'one']) {
      await ingestFolder.accept(admission, name)
      await ingestFolder.pass(60_000)
    }
    await backfill.put(id, { first: 0, rows: [eventAt('row', START - 1000)] })
    expect(await ingestFolder.inLog()).toEqual(['backfill.begin', 'writer.open', 'row'])
    await backfill.end(id)
    await ingestFolder.pass(1000)
    await ingestFolder.pass(1000)
    const records = await ingestFolder.records()
    expect(records.map(brief)).toEqual(['backfill.begin', 'writer.open', 'row', 'backfill.end', 'one', 'two', 'one', 'tick'])
    expect(records.slice(4, 7).map((record) => (record as ActivityEvent).receivedAt)).toEqual([0, 1, 2].map((minute) => formatInstant(START + minute * 60_000)))
    expect(ingestFolder.log.state).toMatchObject({ held: null, arrival: START + 120_000 })
    await admission.close()
  })

  it('live events outlive the process, also after an orderly shutdown, and later ones come after them', async () => {
    const backfill = ingestFolder.backfill()
    const id = await begun(backfill)
    const first = ingestFolder.admission()
    await first.start()
    await ingestFolder.accept(first, 'a')
    const last = ingestFolder.accept(first, 'b')
    await first.close()
    await last
    await ingestFolder.reopen()
    const second = ingestFolder.admission()
    await second.start()
    await ingestFolder.accept(second, 'c')
    await ingestFolder.reopen()
    await ingestFolder.backfill().end(id)
    const third = ingestFolder.admission({ catchUpMs: 0 })
    await third.start()
    await ingestFolder.accept(third, 'd')
    expect((await ingestFolder.inLog()).filter((record) => record.length === 1)).toEqual([])
    await ingestFolder.pass(1000)
    await ingestFolder.accept(third, 'e')
    await ingestFolder.pass(1000)
    const records = await ingestFolder.inLog()
    expect(records.slice(records.indexOf('backfill.end'))).toEqual(['backfill.end', 'writer.open', 'writer.close', 'a', 'b', 'c', 'd', 'e', 'tick'])
    await third.close()
  })

  it('events are held up to a limit, also after restarts; refused events are kept, and time waits for clients that got 503', async () => {
    const backfill = ingestFolder.backfill()
    const id = await begun(backfill)
    const bytes = Buffer.byteLength(`${JSON.stringify(eventAt('ä1', START))}\n`)
    const alarms: string[] = []
    const options = { heldBytesMax: 2 * bytes, catchUpMs: 120_000, onAlarm: (text: string) => alarms.push(text) }
    const first = ingestFolder.admission(options)
    await first.start()
    await Promise.all([
      ingestFolder.accept(first, 'ä1'),
      ingestFolder.accept(first, 'ä2'),
      expect(ingestFolder.accept(first, 'ä3')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED', retriable: true }),
    ])
    await ingestFolder.reopen()
    const second = ingestFolder.admission(options)
    await second.start()
    await expect(ingestFolder.accept(second, 'ä4')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED' })
    await second.accept(() => ({ events: [], quarantine: [refusal] }))
    expect(ingestFolder.folder.writer.quarantine(0, 10).length).toBe(1)
    expect(alarms.length).toBe(2)
    await ingestFolder.pass(30_000)
    await ingestFolder.backfill().end(id)
    await ingestFolder.pass(1000)
    await ingestFolder.accept(second, 'ä3')
    await ingestFolder.pass(29_000)
    expect((await ingestFolder.inLog()).slice(-4)).toEqual(['backfill.end', 'ä1', 'ä2', 'ä3'])
    await ingestFolder.pass(2000)
    expect((await ingestFolder.inLog()).at(-1)).toBe('tick')
    await second.close()
  })

  it('a second import waits for events that the first has held, and its rows come after them', async () => {
    const [admission, backfill] = [ingestFolder.admission(), ingestFolder.backfill()]
    const first = await begun(backfill)
    await admission.start()
    await ingestFolder.accept(admission, 'held')
    await backfill.end(first)
    const second = await begun(backfill, 'more rows')
    await ingestFolder.accept(admission, 'later')
    await backfill.put(second, { first: 0, rows: [eventAt('row', ingestFolder.clock.now() - 500)] })
    await backfill.end(second)
    await ingestFolder.pass(1000)
    const records = await ingestFolder.inLog()
    expect(records.slice(records.indexOf('held'))).toEqual(['held', 'tick', 'backfill.begin', 'row', 'backfill.end', 'later'])
    await admission.close()
  })

  it('held events are moved in parts, each once, though the process ends between two parts', async () => {
    const backfill = ingestFolder.backfill()
    const id = await begun(backfill)
    const admission = ingestFolder.admission()
    await admission.start()
    const large = Array.from({ length: 12 }, (_, at) => ({ ...eventAt(`e${at}`, START + at), properties: { text: 'x'.repeat(1_000_000) } }))
    for (const event of large) await admission.accept(() => ({ events: [event], quarantine: [] }))
    await backfill.end(id)
    const stop = new AbortController()
    const moving = ingestFolder.log.release(stop.signal)
    stop.abort()
    await moving
    expect((await ingestFolder.inLog()).slice(-5)).toEqual(['backfill.end', 'e0', 'e1', 'e2', 'e3'])
    expect(ingestFolder.log.state.held?.bytes).toBeGreaterThan(8_000_000)
    await ingestFolder.reopen()
    await ingestFolder.log.release()
    expect((await ingestFolder.inLog()).slice(-12)).toEqual(large.map(({ id: name }) => name))
    expect(ingestFolder.log.state.held).toBe(null)
  })

  it('a held event that the disk has damaged ends the process with a sentence', async () => {
    const backfill = ingestFolder.backfill()
    const id = await begun(backfill)
    const admission = ingestFolder.admission()
    await admission.start()
    await ingestFolder.accept(admission, 'a')
    await ingestFolder.folder.close()
    const db = new DatabaseSync(join(ingestFolder.home.path, 'log.db'))
    db.exec(`UPDATE held SET frame = replace(frame, '"a"', '"b"')`)
    db.close()
    ingestFolder.open()
    const next = ingestFolder.admission()
    await next.start()
    await ingestFolder.backfill().end(id)
    await ingestFolder.pass(1000)
    expect(ingestFolder.failures).toMatchObject([{ code: 'RONDO_DATA_CORRUPT', message: expect.stringContaining('held frame 1') }])
  })
})

/** The answers of admission to a generated sequence of requests. */
class Play {
  readonly answered: number[] = []
  #admission: Admission
  #number = 0

  private constructor(admission: Admission) {
    this.#admission = admission
  }

  static async begin(): Promise<Play> {
    const play = new Play(ingestFolder.admission())
    await play.#admission.start()
    return play
  }

  accept(count: number): void {
    for (let n = count; n > 0; n--) {
      const number = this.#number++
      ingestFolder.accept(this.#admission, `e${number}`).then(
        () => this.answered.push(number),
        () => {},
      )
    }
  }

  async import(): Promise<void> {
    const { backfill } = ingestFolder.log.state
    if (backfill === null) await ingestFolder.backfill(1e12).begin({ source: `rows ${this.#number++}`, firstTime: START })
    else await ingestFolder.backfill(1e12).end(backfill.id)
  }

  async crash(): Promise<void> {
    jest.clearAllTimers()
    await ingestFolder.pendingWork()
    await ingestFolder.reopen()
    this.#admission = ingestFolder.admission()
    await this.#admission.start()
  }

  async end(): Promise<void> {
    await ingestFolder.pendingWork()
    if (ingestFolder.log.state.backfill !== null) await this.import()
    await ingestFolder.pass(1000)
    await this.#admission.close()
  }
}

/** @returns how many ticks there are */
function expectTicksInOrder(records: readonly (ActivityEvent | ControlRecord)[]): number {
  let [tick, count] = [Number.NEGATIVE_INFINITY, 0]
  for (const record of records) {
    if (!('record' in record)) expect(instantOf(record.receivedAt)).toBeGreaterThanOrEqual(tick)
    else if (record.record === 'tick') {
      expect(instantOf(record.time)).toBeGreaterThanOrEqual(tick)
      tick = instantOf(record.time)
      count += 1
    }
  }
  return count
}

it('a tick is never before entries accepted earlier, and an answered event is in the log once, in its order, for any sequence of requests', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('accept' as const), by: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('pass' as const), by: fc.integer({ min: 0, max: 2500 }) }),
    fc.record({ kind: fc.constantFrom('import' as const, 'crash' as const), by: fc.constant(0) }),
  )
  let [ticks, held] = [0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await ingestFolder.dispose()
      ingestFolder = new IngestFolder()
      const play = await Play.begin()
      for (const { kind, by } of steps) {
        await { accept: () => play.accept(by), pass: () => ingestFolder.pass(by), import: () => play.import(), crash: () => play.crash() }[kind]()
        if (ingestFolder.log.state.held !== null) held += 1
      }
      await play.end()
      const records = await ingestFolder.records()
      const live = records.filter((record) => !('record' in record)).map((record) => Number(brief(record).slice(1)))
      expect(live).toEqual(Array.from(new Set(live)).sort((one, other) => one - other))
      expect(play.answered.filter((number) => !live.includes(number))).toEqual([])
      ticks += expectTicksInOrder(records)
    }),
    { numRuns: 40 },
  )
  expect(ticks).toBeGreaterThan(10)
  expect(held).toBeGreaterThan(10)
})
