import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import { activityEventSchema, formatInstant } from '#contracts'
import { temporaryFolder } from '#runtime'
import type { CsvMapping } from '../csv/csv-row.ts'
import { fieldValue } from '../csv/csv-row.ts'
import type { RefusedRow } from '../rows/refusal.ts'
import { type SourceRow, toActivityEvent } from '../rows/source-row.ts'
import { openRows, type RowCounts, type RowsOptions } from './open-rows.ts'

/** Enough memory to sort every input of this file without sorted runs on disk. */
const MEMORY_BYTES = 1e8
/** So little memory that the CDNOW purchases are sorted on disk. */
const MEMORY_BYTES_SMALL = 1e6
const DAY_MS = 86_400_000
const temporary = temporaryFolder()
const folder = temporary.path
afterAll(() => temporary[Symbol.dispose]())
const dataOf = (name: string): string => fileURLToPath(new URL(`../../../../test/fixtures/data/${name}`, import.meta.url))

/** What was read from a file. */
interface Outcome {
  rows: SourceRow[]
  refused: RefusedRow[]
  counts: RowCounts
}

async function readAll(path: string, options: Partial<RowsOptions> = {}): Promise<Outcome> {
  const refused: RefusedRow[] = []
  const opened = openRows({ input: { path }, sort: { memoryBytes: MEMORY_BYTES, folder }, onRefused: (row) => refused.push(row), ...options })
  const rows: SourceRow[] = []
  for await (const batch of opened.batches) rows.push(...batch)
  expect(opened.counts.refused).toBe(refused.length)
  expect(opened.counts.read).toBe(rows.length + refused.length + opened.counts.leftOut.from + opened.counts.leftOut.to + opened.counts.leftOut.where)
  return { rows, refused, counts: opened.counts }
}

function write(text: string): string {
  const path = join(folder, 'input')
  writeFileSync(path, text)
  return path
}

const readCsv = (text: string, csv: CsvMapping, options: Partial<RowsOptions> = {}): Promise<Outcome> => readAll(write(text), { csv, ...options })
const readJson = (lines: unknown[], options: Partial<RowsOptions> = {}): Promise<Outcome> =>
  readAll(write(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')), options)

const facts = JSON.parse(readFileSync(dataOf('reference_open.json'), 'utf8')).facts as {
  dataset: string
  users: number
  events: number
  first: string
  last: string
}[]

describe('the purchases of CDNOW', () => {
  const csv = { actor: 'customer_id', time: 'date', properties: ['cds', 'dollars'] }

  it('are read completely, in the order of the reference', async () => {
    const { rows, counts } = await readAll(dataOf('cdnow_master.csv.gz'), { csv })
    const fact = facts.find(({ dataset }) => dataset.startsWith('CDNOW'))
    expect(counts).toEqual({ read: 69_659, refused: 0, leftOut: { from: 0, to: 0, where: 0 } })
    expect(rows.length).toBe(fact?.events)
    expect(new Set(rows.map(({ actorId }) => actorId)).size).toBe(fact?.users)
    expect(new Set(rows.map(({ id }) => id)).size).toBe(fact?.events)
    expect([rows[0]?.time, rows.at(-1)?.time]).toEqual([Date.parse(String(fact?.first)), Date.parse(String(fact?.last))])
    expect(rows[0]).toMatchObject({ line: 2, id: '000000000001', event: 'Activity', actorId: '00001', properties: { cds: 1, dollars: 11.77 } })
    const spentCents = rows.reduce((sum, { properties }) => sum + Math.round(Number(properties?.dollars) * 100), 0)
    expect(spentCents).toBe(250_031_563)
  })

  it('are in the same order if they are sorted on disk', async () => {
    const small = await readAll(dataOf('cdnow_master.csv.gz'), { csv, sort: { memoryBytes: MEMORY_BYTES_SMALL, folder } })
    const large = await readAll(dataOf('cdnow_master.csv.gz'), { csv })
    expect(small.rows.map((row) => JSON.stringify(toActivityEvent(row)))).toEqual(large.rows.map((row) => JSON.stringify(toActivityEvent(row))))
  })
})

describe('the contributions to beets', () => {
  const csv: CsvMapping = { actor: 'actor', time: 'ts', recorded: 'recorded_ts', eventColumn: 'kind', where: [{ bot: '0' }] }

  it('are ordered by time, or by recorded time', async () => {
    const path = dataOf('beets_contributions.csv.gz')
    const byTime = await readAll(path, { csv })
    const recorded = await readAll(path, { csv, asRecorded: true, actorType: 'contributor' })
    expect(byTime.counts).toEqual({ read: 15_852, refused: 0, leftOut: { from: 0, to: 0, where: 3 } })
    expect(recorded.counts).toEqual(byTime.counts)
    expect(byTime.rows.every((row, at) => row.time >= (byTime.rows[at - 1]?.time ?? 0) && row.arrival === row.time)).toBe(true)
    expect(recorded.rows.every((row, at) => row.arrival >= (recorded.rows[at - 1]?.arrival ?? 0) && row.time <= row.arrival)).toBe(true)
    // Many contributions were recorded more than a month after they were written.
    expect(recorded.rows.filter((row) => row.arrival - row.time > 30 * DAY_MS).length).toBeGreaterThan(500)
    expect(recorded.rows[0]?.actorType).toBe('contributor')
  })
})

describe('rows of CSV', () => {
  const text = 'who,when,what,n,extra\nu1,2026-01-02,Play,1,\nu2,2026-01-01,Stop,007,true\n'

  it('have the event, the id and the properties of their columns', async () => {
    const { rows } = await readCsv(text, { actor: 'who', time: 'when', eventColumn: 'what', id: 'n', properties: ['n', 'extra'] })
    expect(rows.map((row) => [row.line, row.actorId, row.event, row.id, row.properties])).toEqual([
      [3, 'u2', 'Stop', '007', { n: '007', extra: true }],
      [2, 'u1', 'Play', '1', { n: 1 }],
    ])
  })

  it('may have columns with the names of properties of Object', async () => {
    const text = 'who,when,__proto__,constructor\nu1,2026-01-01,7,x\nu2,2026-01-01,8,y\n'
    const mapping = { actor: 'who', time: 'when', properties: ['__proto__', 'constructor'] }
    const { rows } = await readCsv(text, { ...mapping, where: [JSON.parse('{"__proto__":"7"}')] })
    expect(JSON.stringify(rows.map((row) => toActivityEvent(row).properties))).toBe('[{"__proto__":7,"constructor":"x"}]')
    expect((await readCsv(text, { ...mapping, eventColumn: '__proto__' })).rows.map(({ event }) => event)).toEqual(['7', '8'])
    const sortedOnDisk = await readCsv(text, mapping, { sort: { memoryBytes: 1, folder } })
    expect(JSON.stringify(sortedOnDisk.rows.map(({ properties }) => properties))).toBe('[{"__proto__":7,"constructor":"x"},{"__proto__":8,"constructor":"y"}]')
  })

  it('may have times in digits, and times with any offset', async () => {
    const digits = 'who,when\nann,20240101120000\nann,20240711090700\nbob,20240101120500\nbob,20240101\nbob,1704067200\neve,20240101120\n'
    const first = await readCsv(digits, { actor: 'who', time: 'when' })
    expect(first.rows.map(({ actorId, time }) => `${actorId} ${formatInstant(time)}`)).toEqual([
      'bob 2024-01-01T00:00:00.000Z',
      'bob 2024-01-01T00:00:00.000Z',
      'ann 2024-01-01T12:00:00.000Z',
      'bob 2024-01-01T12:05:00.000Z',
      'ann 2024-07-11T09:07:00.000Z',
    ])
    expect(first.refused).toMatchObject([{ line: 7, reason: expect.stringContaining('"20240101120", a number of 11 digits') }])
    const offsets =
      'who,when\npg,2024-07-11 09:07:32.5+00\nin,2024-07-11 09:07:32+05:30\nbr,2024-07-11 09:07:32-03\nbasic,20240711T090732Z\nnp,20240711t0907 +0545\n'
    const second = await readCsv(offsets, { actor: 'who', time: 'when' })
    expect(Object.fromEntries(second.rows.map(({ actorId, time }) => [actorId, formatInstant(time)]))).toEqual({
      pg: '2024-07-11T09:07:32.500Z',
      in: '2024-07-11T03:37:32.000Z',
      br: '2024-07-11T12:07:32.000Z',
      basic: '2024-07-11T09:07:32.000Z',
      np: '2024-07-11T03:22:00.000Z',
    })
  })

  it('are refused with the zero time of Go and .NET', async () => {
    const zero = 'who,when\na,0001-01-01\na,0001-01-01T00:00:00Z\na,0001-01-01 00:00:00+02:00\na,0001-01-02\n'
    const { rows, refused } = await readCsv(zero, { actor: 'who', time: 'when' })
    expect(rows.map(({ line }) => line)).toEqual([5])
    expect(refused.map(({ line, reason }) => [line, reason.includes('Go and .NET write')])).toEqual([
      [2, true],
      [3, true],
      [4, true],
    ])
  })

  it('are refused, with the column, if a number is too large for a double', async () => {
    const { rows, refused } = await readCsv('who,when,spent\na,2026-01-01,1e400\na,2026-01-02,1e2\n', { actor: 'who', time: 'when', properties: ['spent'] })
    expect(rows.map(({ properties }) => properties)).toEqual([{ spent: 100 }])
    expect(refused).toMatchObject([{ line: 2, code: 'RONDO_EVENT_INVALID', reason: 'spent: expected a number up to 1.8e308, found 1e400' }])
  })

  it('are left out if they happened before `from` or do not match `where`', async () => {
    const mapping = { actor: 'who', time: 'when', event: 'Play' }
    expect((await readCsv(text, mapping, { from: Date.UTC(2026, 0, 2) })).counts).toEqual({ read: 2, refused: 0, leftOut: { from: 1, to: 0, where: 0 } })
    const { rows, counts } = await readCsv(text, { ...mapping, where: [{ what: 'Stop' }, { extra: 'true' }] })
    expect([rows.map(({ actorId }) => actorId), counts.leftOut.where]).toEqual([['u2'], 1])
  })

  it('get different ids in their order if they are equal', async () => {
    const { rows } = await readCsv(`who,when\n${'u1,2026-01-01\n'.repeat(3)}`, { actor: 'who', time: 'when' }, { idPrefix: 'a-' })
    expect(rows.map(({ id }) => id)).toEqual(['a-000000000001', 'a-000000000002', 'a-000000000003'])
  })

  it('with a defect are refused with line and reason, and the others are read', async () => {
    const broken = [
      '\ufeffwho,when',
      'u1,2026-01-01',
      'u1',
      'u1,2026-02-30',
      ',2026-01-01',
      '"u1,2026-01-01',
      // 129 characters of 2 bytes each: more than the 256 bytes of an id.
      `${'é'.repeat(129)},2026-01-01`,
      'u2,2026-01-02',
    ].join('\r\n')
    const { rows, refused } = await readCsv(broken, { actor: 'who', time: 'when' })
    expect(rows.map(({ line, id, actorId }) => [line, id, actorId])).toEqual([
      [2, '000000000001', 'u1'],
      [8, '000000000007', 'u2'],
    ])
    expect(refused.map(({ line, code, reason, raw }) => [line, code, reason, raw.slice(0, 20)])).toEqual([
      [3, 'RONDO_ROW_INVALID', 'expected 2 fields, found 1', 'u1'],
      [4, 'RONDO_ROW_INVALID', 'when: expected a time, found "2026-02-30": day 30 of month 02 in 2026 does not exist', 'u1,2026-02-30'],
      [5, 'RONDO_ROW_INVALID', 'who: expected a non-empty id', ',2026-01-01'],
      [6, 'RONDO_ROW_INVALID', 'a quote is opened and not closed before the end', '"u1,2026-01-01\r'],
      [7, 'RONDO_ROW_INVALID', 'who: expected an id of at most 256 bytes of UTF-8', 'é'.repeat(20)],
    ])
  })

  it('get the recorded time if their time is up to 5 min later, and are refused if it is even later', async () => {
    const ahead = 'who,when,seen\nu1,2026-01-01T00:05:00Z,2026-01-01T00:00:00Z\nu1,2026-01-01T00:05:01Z,2026-01-01T00:00:00Z\n'
    const { rows, refused } = await readCsv(ahead, { actor: 'who', time: 'when', recorded: 'seen' }, { asRecorded: true })
    const midnight = Date.UTC(2026, 0, 1)
    expect(rows).toMatchObject([{ time: midnight, arrival: midnight, claimedTime: midnight + 5 * 60_000 }])
    expect(refused).toMatchObject([{ line: 3, code: 'RONDO_EVENT_FROM_FUTURE' }])
  })

  it('are refused as a whole if columns of the mapping are missing, with the names of all of them', async () => {
    const mapping = { actor: 'person', time: 'when', eventColumn: 'what', properties: ['x', 'n'], where: [{ y: '1' }] }
    await expect(readCsv(text, mapping, { asRecorded: true })).rejects.toMatchObject({
      code: 'RONDO_ARGUMENT_INVALID',
      message: expect.stringMatching(/"person".*"x".*"y".*--recorded.*who, when, what, n, extra/),
    })
    await expect(readCsv('a,b,a\n', { actor: 'a', time: 'b' })).rejects.toMatchObject({ message: expect.stringContaining('several columns "a"') })
    await expect(readCsv('', { actor: 'a', time: 'b' })).rejects.toMatchObject({ code: 'RONDO_INPUT_UNREADABLE' })
  })

  it('are read only in the time format of the mapping, if it has one', async () => {
    const days = 'who,when\nu1,20260101\nu1,2026-01-01\n'
    expect((await readCsv(days, { actor: 'who', time: 'when' })).rows.length).toBe(2)
    const { rows, refused } = await readCsv(days, { actor: 'who', time: 'when', timeFormat: 'seconds' })
    // The digits 20260101 as seconds since 1970, not as a day.
    expect([rows[0]?.time, refused[0]?.reason]).toEqual([20_260_101 * 1000, 'when: expected a time as seconds, found "2026-01-01"'])
  })

  it.each([
    ['12.00', 12],
    ['-0.5', -0.5],
    ['0', 0],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890.5', '12345678901234567890.5'],
    ['12345678901234567890.00', '12345678901234567890'],
    ['0.1234567890123456789', 0.123_456_789_012_345_68],
    ['00001', '00001'],
    ['1e5', 100_000],
    ['-1.5E+02', -150],
    [' 150 ', 150],
    [' x ', ' x '],
    ['+150', '+150'],
    ['150.', '150.'],
    ['1.000.000,50', '1.000.000,50'],
    ['1e400', undefined],
    ['+1', '+1'],
    ['.5', '.5'],
    ['NaN', 'NaN'],
    ['true', true],
    ['false', false],
    ['null', 'null'],
  ])('have the field %s as the value %p', (field, value) => expect(fieldValue(field)).toBe(value))
})

describe('rows of NDJSON', () => {
  const event = { event: 'Play', actor: { type: 'user', id: 'u1' }, time: '2026-01-01T00:00:00.000Z', receivedAt: '2026-01-01T01:00:00.000Z' }
  const call = {
    type: 'page',
    name: 'Home',
    userId: 'u2',
    timestamp: '2026-01-02T00:00:00.000Z',
    sentAt: '2020-01-01T00:00:00Z',
    receivedAt: '2026-01-02T02:00:00.000Z',
  }

  it('are activity events or Segment calls; each line is recognized by itself', async () => {
    const { rows } = await readJson([call, '', event, { ...event, id: 'e9', time: '2026-01-03T00:00:00Z' }])
    expect(rows.map((row) => [row.line, row.id, row.event, row.actorId, formatInstant(row.time)])).toEqual([
      [3, '000000000002', 'Play', 'u1', '2026-01-01T00:00:00.000Z'],
      [1, '000000000001', 'Page Viewed', 'u2', '2026-01-02T00:00:00.000Z'],
      [4, 'e9', 'Play', 'u1', '2026-01-03T00:00:00.000Z'],
    ])
    for (const row of rows) expect(activityEventSchema.safeParse(toActivityEvent(row)).success).toBe(true)
  })

  it('have receivedAt as their arrival with asRecorded', async () => {
    const { rows, refused } = await readJson([call, event, { ...call, receivedAt: undefined }], { asRecorded: true })
    expect(rows.map((row) => [row.line, formatInstant(row.arrival)])).toEqual([
      [2, '2026-01-01T01:00:00.000Z'],
      [1, '2026-01-02T02:00:00.000Z'],
    ])
    expect(refused).toMatchObject([{ line: 3, reason: 'receivedAt: expected a value, found none' }])
  })

  it('with a defect are refused with line and reason, and the others are read', async () => {
    const { rows, refused, counts } = await readJson(['{', '[1]', { ...event, more: 1 }, { type: 'track', event: 'Play', userId: 'u1' }, event, 'null'])
    expect([rows.length, counts.read]).toEqual([1, 6])
    expect(refused.map(({ line, code }) => [line, code])).toEqual([
      [1, 'RONDO_ROW_INVALID'],
      [2, 'RONDO_ROW_INVALID'],
      [3, 'RONDO_EVENT_INVALID'],
      [4, 'RONDO_EVENT_INVALID'],
      [6, 'RONDO_ROW_INVALID'],
    ])
    expect(refused[2]?.raw).toBe(JSON.stringify({ ...event, more: 1 }))
  })

  it('come from standard input too', async () => {
    async function* stdin(): AsyncGenerator<Uint8Array> {
      yield gzipSync(`${JSON.stringify(event)}\n`)
    }
    expect((await readAll('-', { input: { path: '-', stdin: stdin() } })).rows.length).toBe(1)
  })
})
