import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { type ActivityEvent, formatInstant } from '#contracts'
import { SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'
import { ownedBy } from '../conformance/fixture.ts'
import { type DataFolder, openDataFolder } from '../sqlite/data-folder.ts'
import { ActivityLog } from './activity-log.ts'
import { Backfill, type BackfillOptions } from './backfill.ts'

const START = Date.parse('2026-03-01T00:00:00.000Z')
const HOUR_MS = 3_600_000
const clock = new SimulatedClock(START)

let home: TemporaryFolder
let folder: DataFolder
let log: ActivityLog

beforeEach(() => {
  home = temporaryFolder()
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
const backfillOf = (options: Partial<BackfillOptions> = {}): Backfill => new Backfill({ log, clock, graceMs: HOUR_MS, ...options })
/** The row with this number; it happened as many milliseconds after the start. */
const rowAt = (number: number): ActivityEvent => {
  const time = formatInstant(START + number)
  return { id: `r${number}`, type: 'track', event: 'Visit', actor: { type: 'user', id: 'u' }, time, receivedAt: time }
}
const rowsOf = ({ first, count }: { first: number; count: number }) => ({ first, rows: Array.from({ length: count }, (_, at) => rowAt(first + at)) })
/** The entries of the log in their order: the kind of each control record, the id of each event. */
async function inLog(): Promise<string[]> {
  const reader = folder.reader()
  const frames = await (await ownedBy(reader)).read(0, { bytesMax: 1e9, waitMs: 0 })
  await reader.close()
  return frames.flatMap(({ frame }) => frame.split('\n').map((line) => JSON.parse(line).record ?? JSON.parse(line).id))
}
const request = { source: 'rows', firstTime: START }
/** The places of the records in quarantine, in their order. */
function keptPlaces(): string[] {
  using database = new DatabaseSync(join(home.path, 'log.db'), { readOnly: true })
  return database
    .prepare('SELECT record FROM quarantine ORDER BY rowid')
    .all()
    .map(({ record }) => JSON.parse(String(record)).where)
}

describe('a backfill', () => {
  // Each request begins `back` rows before the end of the durable ones, as after a lost answer.
  it('has each row once, after any interruption and any repeated request', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ back: fc.nat(4), count: fc.integer({ min: 1, max: 6 }), crash: fc.boolean() }), { maxLength: 12 }),
        async (parts) => {
          await folder.close()
          home[Symbol.dispose]()
          home = temporaryFolder()
          open()
          let backfill = backfillOf()
          let durable = 0
          for (const { back, count, crash } of parts) {
            const { id, rows } = await backfill.begin(request)
            expect(rows).toBe(durable)
            const first = Math.max(0, durable - back)
            durable = Math.max(durable, first + count)
            expect(await backfill.put(id, rowsOf({ first, count }))).toBe(durable)
            if (!crash) continue
            backfill.close()
            await folder.close()
            open()
            backfill = backfillOf()
          }
          const { id } = await backfill.begin(request)
          expect(await backfill.end(id)).toMatchObject({ rows: durable, open: false })
          expect(await inLog()).toEqual(['backfill.begin', ...Array.from({ length: durable }, (_, row) => `r${row}`), 'backfill.end'])
        },
      ),
      { numRuns: 20 },
    )
  })

  it('is refused if rows are missing, if another import is open, and after its end', async () => {
    const backfill = backfillOf()
    const { id } = await backfill.begin(request)
    await expect(backfill.put(id, rowsOf({ first: 1, count: 1 }))).rejects.toMatchObject({ code: 'RONDO_IMPORT_CONFLICT' })
    await expect(backfill.begin({ ...request, source: 'others' })).rejects.toMatchObject({
      code: 'RONDO_BACKFILL_BUSY',
      message: expect.stringContaining('of another file or with other options. Finish it with its own command'),
    })
    await backfill.end(id)
    await expect(backfill.put(id, rowsOf({ first: 0, count: 1 }))).rejects.toMatchObject({ code: 'RONDO_NOT_FOUND' })
    await expect(backfill.end('another')).rejects.toMatchObject({ code: 'RONDO_NOT_FOUND' })
    expect(await backfill.end(id)).toMatchObject({ open: false })
    expect(await inLog()).toEqual(['backfill.begin', 'backfill.end'])
  })

  it('that sends rows again keeps the records of its refused rows once; with a checksum such rows are refused', async () => {
    const backfill = backfillOf()
    const { id } = await backfill.begin(request)
    const refusedRow = (number: number) => ({ code: 'RONDO_ROW_INVALID', reason: 'none', where: `row ${number}`, refusedAt: formatInstant(START), raw: '' })
    const part = { first: 0, rows: [null, rowAt(1), null], quarantine: [refusedRow(0), refusedRow(2)] }
    await backfill.put(id, { ...part, rows: part.rows.slice(0, 2), quarantine: part.quarantine.slice(0, 1) })
    expect(await backfill.put(id, part)).toBe(3)
    expect(keptPlaces()).toEqual(['row 0', 'row 2'])
    await expect(backfill.put(id, { ...rowsOf({ first: 2, count: 2 }), checksum: 1 })).rejects.toMatchObject({ code: 'RONDO_IMPORT_CONFLICT' })
    expect(await backfill.put(id, { ...rowsOf({ first: 3, count: 1 }), checksum: 1 })).toBe(4)
    backfill.close()
  })

  it('is refused if log time is after its first row and grace, and only then', async () => {
    const backfill = backfillOf()
    await log.write(() => ({ lines: [], change: { logTime: START + HOUR_MS } }))
    await expect(backfill.begin({ source: 'old', firstTime: START - 1 })).rejects.toMatchObject({
      code: 'RONDO_IMPORT_TOO_OLD',
      message: expect.stringContaining('the grace period of 1h after'),
    })
    const { id } = await backfill.begin(request)
    await expect(backfill.put(id, { first: 0, rows: [rowAt(-1)] })).rejects.toMatchObject({ code: 'RONDO_IMPORT_TOO_OLD' })
    expect(await backfill.put(id, rowsOf({ first: 0, count: 2 }))).toBe(2)
    backfill.close()
  })

  it('is preceded by the tick of the live events in the log, which arrived before its rows', async () => {
    const backfill = backfillOf()
    const live = JSON.stringify(rowAt(7))
    await log.write(() => ({
      lines: [JSON.stringify({ record: 'writer.open', writer: 'w', time: formatInstant(START) }), live],
      change: { writer: 'w', arrival: START + 7 },
    }))
    await backfill.begin(request)
    expect(await inLog()).toEqual(['writer.open', 'r7', 'tick', 'backfill.begin'])
    expect(log.state).toMatchObject({ tick: START + 7, logTime: START + 7 })
    backfill.close()
  })

  it('that gets no rows for 15 minutes is ended with an alarm, also after a restart of the process', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick', 'Date', 'performance'] })
    const first = backfillOf()
    const { id } = await first.begin(request)
    await first.put(id, rowsOf({ first: 0, count: 3 }))
    first.close()
    await folder.close()
    open()
    const { promise, resolve } = Promise.withResolvers<unknown>()
    backfillOf({ onEnded: resolve })
    jest.advanceTimersByTime(15 * 60_000)
    expect(await promise).toEqual({ source: 'rows', rows: 3, stalled: true })
    expect((await inLog()).at(-1)).toBe('backfill.end')
    expect(await backfillOf().begin(request)).toMatchObject({ rows: 0, open: true })
  })

  it('that was ended by its importer is not started again', async () => {
    const backfill = backfillOf()
    const { id } = await backfill.begin(request)
    await backfill.put(id, rowsOf({ first: 0, count: 2 }))
    await backfill.end(id)
    expect(await backfill.begin(request)).toMatchObject({ id, rows: 2, open: false })
  })
})
