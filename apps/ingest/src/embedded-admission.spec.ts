import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type ActivityEvent, type ControlRecord, formatInstant, instantOf } from '#contracts'
import { SimulatedClock } from '#runtime'
import { brief, EmbeddedDesk, fakeTimers, START } from '../../../test/fixtures/ingest/embedded-desk.ts'

let desk: EmbeddedDesk

beforeEach(() => {
  fakeTimers()
  desk = new EmbeddedDesk()
})
afterEach(async () => {
  jest.useRealTimers()
  await desk.dispose()
})

describe('the admission of a data folder', () => {
  it('writes requests that arrive together into one frame', async () => {
    const admission = desk.admission()
    await admission.start()
    await Promise.all(['a', 'b', 'c'].map((id) => desk.accept(admission, id)))
    expect((await desk.frames()).map((frame) => frame.split('\n').length)).toEqual([1, 3])
    await admission.close()
  })

  it('moves time each second if something may be due or was written, and each 15 s if nothing can be due', async () => {
    const folded = { dueAt: Number.POSITIVE_INFINITY }
    const admission = desk.admission({ folded: () => [{ ...folded, logTime: desk.clock.now() }] })
    await admission.start()
    await desk.accept(admission, 'a')
    for (let second = 1; second <= 20; second++) await desk.pass(1000)
    folded.dueAt = START + 22_500
    for (let second = 21; second <= 24; second++) await desk.pass(1000)
    const ticks = (await desk.records()).filter((record) => 'record' in record && record.record === 'tick')
    expect(ticks.map(({ time }) => (instantOf(time) - START) / 1000)).toEqual([1, 16, 23, 24])
    await admission.close()
  })

  it('fails as a whole where the log cannot be written', async () => {
    const admission = desk.admission()
    await admission.start()
    await desk.folder.writer.close()
    await expect(desk.accept(admission, 'a')).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
    expect(desk.failures.length).toBe(1)
  })
})

describe('ticks', () => {
  it('begin when the log has its first entry, and not before: until then history may be imported', async () => {
    const admission = desk.admission()
    await admission.start()
    await desk.pass(5000)
    expect(await desk.inLog()).toEqual(['writer.open'])
    await desk.accept(admission, 'a')
    await desk.pass(1000)
    await desk.pass(1000)
    expect(await desk.inLog()).toEqual(['writer.open', 'a', 'tick', 'tick'])
    await admission.close()
  })

  it('wait after an outage for events that clients have buffered, at most as long as the outage', async () => {
    const first = desk.admission()
    await first.start()
    await desk.accept(first, 'a')
    await desk.pass(1000)
    await first.close()
    await desk.reopen()
    desk.clock.advanceBy(3000)
    const second = desk.admission({ catchUpMs: 120_000 })
    await second.start()
    await desk.pass(2000)
    expect(await desk.inLog()).toEqual(['writer.open', 'a', 'tick', 'tick', 'writer.close', 'writer.open'])
    await desk.pass(1000)
    expect((await desk.inLog()).at(-1)).toBe('tick')
    await second.close()
  })

  it('of a process that crashed are closed by the next one', async () => {
    await desk.admission().start()
    await desk.reopen()
    const second = desk.admission()
    await second.start()
    const [opened, next, closed] = await desk.records()
    expect(next).toMatchObject({ record: 'writer.open' })
    expect(closed).toMatchObject({ record: 'writer.close', writer: (opened as ControlRecord).writer, by: (next as ControlRecord).writer })
    await second.close()
  })

  it('and arrivals continue from the last one if the clock was set back between two processes', async () => {
    const first = desk.admission()
    await first.start()
    await desk.pass(60_000)
    await desk.accept(first, 'a')
    await desk.pass(1000)
    await desk.reopen()
    desk.clock = new SimulatedClock(START)
    const second = desk.admission()
    await second.start()
    await desk.accept(second, 'b')
    await desk.pass(1000)
    const records = await desk.records()
    const b = records.find((record) => brief(record) === 'b') as ActivityEvent
    expect(instantOf(b.receivedAt)).toBe(START + 61_000)
    expect(records.at(-1)).toMatchObject({ record: 'tick', time: formatInstant(START + 61_000) })
    await second.close()
  })
})
