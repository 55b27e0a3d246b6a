import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { QuarantineRecord } from '#contracts'
import type { Backfill } from '#event-log'
import { eventually } from '../../../../test/fixtures/eventually.ts'
import { IngestFolder, START } from '../../../../test/fixtures/ingest/ingest-folder.ts'
import { HistoryUpload } from './history-upload.ts'
import type { UploadTally } from './upload-tally.ts'

const HOUR_MS = 3_600_000
/** More than a part of the log takes at once. */
const ROWS = 10_000

let folder: IngestFolder
let backfill: Backfill
beforeEach(() => {
  folder = new IngestFolder()
  backfill = folder.backfill(HOUR_MS)
})
afterEach(async () => {
  backfill.close()
  await folder.dispose()
})

const timeOf = (row: number): string => new Date(START - 100 * HOUR_MS + row * 1000).toISOString()
const line = (row: number, time = timeOf(row)): string => JSON.stringify({ id: `r${row}`, event: 'Visit', actor: { type: 'user', id: `u${row}` }, time })
const linesOf = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => line(from + i))

/** A body in chunks of 50,000 bytes, which divide lines; `breaksOff`, if given, comes after them instead of the end. */
async function* bodyOf(text: string | Buffer, breaksOff?: Error): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000)
  if (breaksOff !== undefined) throw breaksOff
}

function upload(body: AsyncIterable<Uint8Array>, source = 'shop', onPart: (tally: UploadTally) => void = () => {}): Promise<UploadTally> {
  return new HistoryUpload({ source, backfill, clock: folder.clock, actorType: 'user', onPart }).read(body)
}

async function idsInLog(): Promise<string[]> {
  return (await folder.records()).flatMap((record) => ('record' in record ? [] : [record.id]))
}

function quarantine(): QuarantineRecord[] {
  const database = new DatabaseSync(join(folder.home.path, 'log.db'), { readOnly: true })
  const rows = database.prepare('SELECT record FROM quarantine ORDER BY rowid').all()
  database.close()
  return rows.map(({ record }) => JSON.parse(String(record)) as QuarantineRecord)
}

describe('an upload', () => {
  it.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['packed with gzip', (text: string) => gzipSync(text)],
  ])('puts each row into the log once and in its order, part by part, %s', async (_, pack) => {
    const parts: number[] = []
    const tally = await upload(bodyOf(pack(`${linesOf(0, ROWS).join('\n')}\n`)), 'shop', ({ rows }) => parts.push(rows))
    expect(tally.summary).toEqual({ rows: ROWS, accepted: ROWS, refused: 0, copies: 0, late: 0, from: timeOf(0), to: timeOf(ROWS - 1), rejected: [] })
    expect(parts.length).toBeGreaterThanOrEqual(3)
    expect(parts.at(-1)).toBe(ROWS)
    expect(await idsInLog()).toEqual(linesOf(0, ROWS).map((_, row) => `r${row}`))
    expect(backfill.current()).toBeUndefined()
  })

  it('keeps a refused line in quarantine with its number, and takes the lines around it', async () => {
    const far = line(3, '2026-12-01T00:00:00Z')
    const tally = await upload(bodyOf(['', 'nonsense', line(1), '', far, line(2), '{"event": "Visit"}'].join('\n')))
    expect(tally.summary).toMatchObject({ rows: 5, accepted: 2, refused: 3 })
    expect(tally.summary.rejected.map(({ line: number, code }) => [number, code])).toEqual([
      [2, 'RONDO_ROW_INVALID'],
      [5, 'RONDO_EVENT_FROM_FUTURE'],
      [7, 'RONDO_EVENT_INVALID'],
    ])
    expect(quarantine().map(({ where, raw }) => [where, raw])).toEqual([
      ['shop, line 2', 'nonsense'],
      ['shop, line 5', far],
      ['shop, line 7', '{"event": "Visit"}'],
    ])
  })

  it('reads Segment calls, and gives rows without an id the same id each time', async () => {
    const call = (row: number): string => JSON.stringify({ userId: `u${row}`, type: 'track', event: 'Visit', timestamp: timeOf(row) })
    await upload(bodyOf([call(0), call(0), call(1)].join('\n')))
    const ids = await idsInLog()
    expect(ids.map((id) => id.slice(8))).toEqual(['000000000001', '000000000002', '000000000003'])
    expect(new Set(ids.map((id) => id.slice(0, 8))).size).toBe(1)
  })

  it('counts the rows that come more than the grace period after newer ones, since the fold will find them late', async () => {
    const tally = await upload(bodyOf([line(0), line(7200), line(3600), line(3599)].join('\n')))
    expect(tally.counts).toMatchObject({ accepted: 4, late: 1 })
  })

  it('is refused once if it is no NDJSON, or if none of its lines is an event', async () => {
    await expect(upload(bodyOf('[{"event": "Visit"}]'))).rejects.toMatchObject({ code: 'RONDO_BODY_INVALID', message: expect.stringContaining('array') })
    const nothing = {
      code: 'RONDO_BODY_INVALID',
      message: expect.stringMatching(/^The body has no event in its first 4096 lines; line 1: .*Nothing of it was taken\.$/),
    }
    await expect(upload(bodyOf('{"a": 1}\n'.repeat(5000)))).rejects.toMatchObject(nothing)
    await expect(upload(bodyOf(''))).rejects.toMatchObject({ code: 'RONDO_BODY_INVALID' })
    expect([await folder.inLog(), quarantine()]).toEqual([[], []])
  })
})

describe('an upload that breaks off', () => {
  const text = ['nonsense', ...linesOf(0, ROWS)].join('\n')
  const breakOff = (rows: number): Promise<UploadTally> =>
    upload(bodyOf(text.split('\n').slice(0, rows).join('\n').concat('\n{"id": "ha'), new Error('aborted')))

  it('says what was taken, and takes the rest when the whole is sent again', async () => {
    const message = expect.stringMatching(/7000 rows of it are in the log; send the whole again, and the rest follows\.$/)
    await expect(breakOff(7000)).rejects.toMatchObject({ code: 'RONDO_BODY_INVALID', message })
    expect(backfill.current()).toMatchObject({ source: 'shop', rows: 7000 })
    const tally = await upload(bodyOf(text))
    expect(tally.counts).toEqual({ rows: ROWS + 1, accepted: ROWS - 6999, refused: 0, copies: 7000, late: 0 })
    expect(await idsInLog()).toEqual(linesOf(0, ROWS).map((_, row) => `r${row}`))
    expect(quarantine()).toHaveLength(1)
  })

  it('continues also in a new process, and is recognized as a whole copy once it is complete', async () => {
    await expect(breakOff(5000)).rejects.toMatchObject({ code: 'RONDO_BODY_INVALID' })
    backfill.close()
    await folder.reopen()
    backfill = folder.backfill(HOUR_MS)
    expect((await upload(bodyOf(text))).counts).toMatchObject({ accepted: ROWS - 4999, copies: 5000 })
    expect((await upload(bodyOf(text))).counts).toEqual({ rows: ROWS + 1, accepted: 0, refused: 0, copies: ROWS + 1, late: 0 })
    expect(await idsInLog()).toHaveLength(ROWS)
  })

  it('is refused if other rows are sent under its name: changed, fewer or more ones', async () => {
    await expect(breakOff(5000)).rejects.toMatchObject({ code: 'RONDO_BODY_INVALID' })
    const conflict = { code: 'RONDO_IMPORT_CONFLICT' }
    await expect(upload(bodyOf(text.replace('"r17"', '"x17"')))).rejects.toMatchObject(conflict)
    await expect(upload(bodyOf(text.split('\n').slice(0, 4000).join('\n')))).rejects.toMatchObject(conflict)
    await upload(bodyOf(text))
    await expect(upload(bodyOf(`${text}\n${line(ROWS)}`))).rejects.toMatchObject(conflict)
    expect(await idsInLog()).toHaveLength(ROWS)
  })
})

it('the rows of a sender that pauses become durable, before a part is full', async () => {
  async function* pausing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${line(0)}\n${line(1)}\n`)
    await eventually(
      () => backfill.current()?.rows,
      (rows) => rows === 2,
    )
    yield Buffer.from(line(2))
  }
  expect((await upload(pausing())).counts).toMatchObject({ rows: 3, accepted: 3 })
  expect(await idsInLog()).toEqual(['r0', 'r1', 'r2'])
})

describe('two uploads at once under one name', () => {
  const other = (row: number): string => line(row).replace(`"r${row}"`, `"x${row}"`)
  const bad = ['nonsense', ...linesOf(0, ROWS).flatMap((text, row) => (row % 1000 === 0 ? ['nonsense', text] : [text]))].join('\n')
  const outcomes = async (...bodies: AsyncIterable<Uint8Array>[]) => Promise.allSettled(bodies.map((body) => upload(body)))
  const conflict = { status: 'rejected', reason: { code: 'RONDO_IMPORT_CONFLICT' } }

  it('with different rows: one is in the log whole, and the other one is refused', async () => {
    const others = Array.from({ length: ROWS }, (_, row) => other(row)).join('\n')
    const ended = await outcomes(bodyOf(linesOf(0, ROWS).join('\n')), bodyOf(others))
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const outcome of ended) if (outcome.status === 'rejected') expect(outcome).toMatchObject(conflict)
    const letter = ended[0]?.status === 'fulfilled' ? 'r' : 'x'
    expect(await idsInLog()).toEqual(linesOf(0, ROWS).map((_, row) => `${letter}${row}`))
  })

  it('with the same rows: each row and each refused line is kept once, and the one that is refused succeeds when it is sent again', async () => {
    const both = await outcomes(bodyOf(bad), bodyOf(bad))
    for (const outcome of both) if (outcome.status === 'rejected') expect(outcome).toMatchObject(conflict)
    expect((await upload(bodyOf(bad))).counts).toMatchObject({ accepted: 0, copies: bad.split('\n').length })
    expect(await idsInLog()).toEqual(linesOf(0, ROWS).map((_, row) => `r${row}`))
    expect(quarantine()).toHaveLength(1 + ROWS / 1000)
  })

  it('where the one that came later ends first: the earlier one is refused at its next rows', async () => {
    async function* held(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${line(0)}\n`)
      await eventually(
        () => backfill.current()?.rows,
        (rows) => rows === 1,
      )
      await upload(bodyOf(`${line(0)}\n${line(1)}`))
      yield Buffer.from(`${line(1)}\n${line(2)}`)
    }
    const [earlier] = await outcomes(held())
    expect(earlier).toMatchObject({ ...conflict, reason: { message: expect.stringContaining('was ended while this body was read') } })
    expect(await idsInLog()).toEqual(['r0', 'r1'])
  })
})

it.each([
  ['', 'The body is empty: expected activity events or calls, one JSON object a line.'],
  ['\n\n', 'The body is empty: expected activity events or calls, one JSON object a line.'],
  ['who,when\nann,2026-01-01\n', 'Expected NDJSON, one JSON object a line; rondo import --csv reads CSV.'],
  ['<!DOCTYPE html>\n<html>\n', 'is HTML or XML; expected NDJSON, one JSON object a line.'],
])('a body without rows is refused without options of the command: %j', async (text, reason) => {
  const refusal = upload(bodyOf(text))
  await expect(refusal).rejects.toMatchObject({ code: 'RONDO_BODY_INVALID', message: expect.stringContaining(reason) })
  await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining('--actor') })
  expect(await idsInLog()).toEqual([])
})
