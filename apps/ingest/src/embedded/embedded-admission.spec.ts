import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type ActivityEvent, type ControlRecord, formatInstant, instantOf } from '#contracts'
import { SimulatedClock } from '#runtime'
import { brief, fakeTimers, IngestFolder, START } from '../../../../test/fixtures/ingest/ingest-folder.ts'

let ingestFolder: IngestFolder

beforeEach(() => {
  fakeTimers()
  ingestFolder = new IngestFolder()
})
afterEach(async () => {
  jest.useRealTimers()
  await ingestFolder.dispose()
})

describe('the admission of a data folder', () => {
  it('writes requests that arrive together into one frame', async () => {
    const admission = ingestFolder.admission()
    await admission.start()
    await Promise.all(['a', 'b', 'c'].map((id) => ingestFolder.accept(admission, id)))
    expect((await ingestFolder.frames()).map((frame) => frame.split('\n').length)).toEqual([1, 3])
    await admission.close()
  })

  it('moves time each second if something may be due or was written, and each 15 s if nothing can be due', async () => {
    const folded = { dueAt: Number.POSITIVE_INFINITY }
    const admission = ingestFolder.admission({ folded: () => [{ ...folded, logTime: ingestFolder.clock.now() }] })
    await admission.start()
    await ingestFolder.accept(admission, 'a')
    for (let second = 1; second <= 20; second++) await ingestFolder.pass(1000)
    folded.dueAt = START + 22_500
    for (let second = 21; second <= 24; second++) await ingestFolder.pass(1000)
    const ticks = (await ingestFolder.records()).filter((record) => 'record' in record && record.record === 'tick')
    expect(ticks.map(({ time }) => (instantOf(time) - START) / 1000)).toEqual([1, 16, 23, 24])
    await admission.close()
  })

  it('ends with a failure if the log cannot be written', async () => {
    const admission = ingestFolder.admission()
    await admission.start()
    await ingestFolder.folder.writer.close()
    await expect(ingestFolder.accept(admission, 'a')).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
    expect(ingestFolder.failures.length).toBe(1)
  })
})

describe('ticks', () => {
  it('begin when the log has its first entry, and not before: until then history may be imported', async () => {
    const admission = ingestFolder.admission()
    await admission.start()
    await ingestFolder.pass(5000)
    expect(await ingestFolder.inLog()).toEqual(['writer.open'])
    await ingestFolder.accept(admission, 'a')
    await ingestFolder.pass(1000)
    await ingestFolder.pass(1000)
    expect(await ingestFolder.inLog()).toEqual(['writer.open', 'a', 'tick', 'tick'])
    await admission.close()
  })

  it('wait after an outage for events that clients have buffered, at most as long as the outage', async () => {
    const first = ingestFolder.admission()
    await first.start()
    await ingestFolder.accept(first, 'a')
    await ingestFolder.pass(1000)
    await first.close()
    await ingestFolder.reopen()
    ingestFolder.clock.advanceBy(3000)
    const second = ingestFolder.admission({ catchUpMs: 120_000 })
    await second.start()
    await ingestFolder.pass(2000)
    expect(await ingestFolder.inLog()).toEqual(['writer.open', 'a', 'tick', 'tick', 'writer.close', 'writer.open'])
    await ingestFolder.pass(1000)
    expect((await ingestFolder.inLog()).at(-1)).toBe('tick')
    await second.close()
  })

  it('do not wait for the writer of a crashed process, which the next process closes', async () => {
    await ingestFolder.admission().start()
    await ingestFolder.reopen()
    const second = ingestFolder.admission()
    await second.start()
    const [opened, next, closed] = await ingestFolder.records()
    expect(next).toMatchObject({ record: 'writer.open' })
    expect(closed).toMatchObject({ record: 'writer.close', writer: (opened as ControlRecord).writer, by: (next as ControlRecord).writer })
    await second.close()
  })

  it('never go back, as arrivals, if the clock was set back between two processes', async () => {
    const first = ingestFolder.admission()
    await first.start()
    await ingestFolder.pass(60_000)
    await ingestFolder.accept(first, 'a')
    await ingestFolder.pass(1000)
    await ingestFolder.reopen()
    ingestFolder.clock = new SimulatedClock(START)
    const second = ingestFolder.admission()
    await second.start()
    await ingestFolder.accept(second, 'b')
    await ingestFolder.pass(1000)
    const records = await ingestFolder.records()
    const b = records.find((record) => brief(record) === 'b') as ActivityEvent
    expect(instantOf(b.receivedAt)).toBe(START + 61_000)
    expect(records.at(-1)).toMatchObject({ record: 'tick', time: formatInstant(START + 61_000) })
    await second.close()
  })
})
