import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { type CsvMapping, commaValue } from '../csv/csv-row.ts'
import type { RefusedRow } from '../rows/refusal.ts'
import type { SourceRow } from '../rows/source-row.ts'
import { isEncoding } from '../text/text-encoding.ts'
import { openRows, type Rows, type RowsOptions } from './open-rows.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

/** What was read from a file. */
interface Read extends Pick<Rows, 'counts' | 'lastArrival'> {
  readonly rows: SourceRow[]
  readonly refused: RefusedRow[]
}

async function read(
  content: string | Uint8Array,
  csv: Partial<CsvMapping> = {},
  { encoding, ...options }: Partial<RowsOptions> & { encoding?: string } = {},
): Promise<Read> {
  const path = join(folder.path, 'input')
  writeFileSync(path, content)
  const refused: RefusedRow[] = []
  const sort = { memoryBytes: 1e8, folder: folder.path }
  const mapping = { actor: 'who', time: 'when', ...csv }
  const opened = openRows({ input: { path, encoding }, csv: mapping, sort, onRefused: (row) => refused.push(row), ...options })
  const rows: SourceRow[] = []
  for await (const batch of opened.batches) rows.push(...batch)
  return { rows, refused, counts: opened.counts, lastArrival: opened.lastArrival }
}

const brief = ({ rows }: Read): unknown[] => rows.map(({ line, actorId, properties }) => [line, actorId, properties])

const utf16 = (text: string, { isBig = false, mark = '\ufeff' } = {}): Buffer => {
  const bytes = Buffer.from(mark + text, 'utf16le')
  return isBig ? bytes.swap16() : bytes
}

describe('the fields of a CSV file', () => {
  const properties = ['note']
  const expected = [
    [2, 'ann', { note: 'a,b;c' }],
    [3, 'bob', { note: 'x' }],
  ]

  it.each([',', ';', '\t', '|'])('are separated by %j if the header is', async (sign) => {
    const text = [['who', 'when', 'note'].join(sign), ['ann', '2026-01-01', '"a,b;c"'].join(sign), ['bob', '2026-01-02', 'x'].join(sign)].join('\n')
    expect(brief(await read(text, { properties }))).toEqual(expected)
  })

  it('are separated by the character of a first line sep=, which is not a row', async () => {
    for (const text of [
      'sep=;\nwho;when;note\nann;2026-01-01;1',
      '"sep=;"\r\nwho;when;note\r\nann;2026-01-01;1',
      '\ufeffSEP=^\nwho^when^note\nann^2026-01-01^1',
    ]) {
      expect(brief(await read(text, { properties }))).toEqual([[3, 'ann', { note: 1 }]])
    }
  })

  it('are separated by the character that gives the named columns, not by the one that gives most columns', async () => {
    expect(brief(await read('a;b;c;d,who,when\n1;2,ann,2026-01-01\n', { properties: ['a;b;c;d'] }))).toEqual([[2, 'ann', { 'a;b;c;d': '1;2' }]])
    await expect(read('who;then\nann;2026-01-01\n')).rejects.toMatchObject({
      message: expect.stringContaining('no column "when". Its columns are: who, then.'),
    })
  })

  it('are separated by the given separator', async () => {
    expect(brief(await read('who~when~note\nann~2026-01-01~"x~y"\n', { properties, delimiter: '~' }))).toEqual([[2, 'ann', { note: 'x~y' }]])
    expect(brief(await read('sep=,\nwho;when;note\nann;2026-01-01;x\n', { properties, delimiter: ';' }))).toEqual([[3, 'ann', { note: 'x' }]])
  })

  it('have numbers with a decimal comma if the options request it', async () => {
    const text = 'who;when;note\nann;2026-01-01;1.234,56\nann;2026-01-02;-7,5\nann;2026-01-03;12\nann;2026-01-04;1.5\n'
    expect((await read(text, { properties, decimalComma: true })).rows.map(({ properties }) => properties?.['note'])).toEqual([1234.56, -7.5, 12, '1.5'])
    expect((await read(text, { properties })).rows.map(({ properties }) => properties?.['note'])).toEqual(['1.234,56', '-7,5', 12, 1.5])
    expect(['1.234', '12.34', '1,2,3', ',5', '0,10', '1.234.567,8', '007,5', 'true', 'x', ' 1,5E+03 ', '1.5e3', '1,5e400'].map(commaValue)).toEqual([
      1234,
      '12.34',
      '1,2,3',
      ',5',
      0.1,
      1_234_567.8,
      '007,5',
      true,
      'x',
      1500,
      '1.5e3',
      undefined,
    ])
  })
})

describe('the lines of a file', () => {
  it('may end in carriage returns alone', async () => {
    const text = 'who;when\rann;2026-01-01\r"b\r\rob";2026-01-02\r'
    expect(brief(await read(text))).toEqual([
      [2, 'ann', undefined],
      [3, 'b\n\nob', undefined],
    ])
    const long = `who,when\r${'ann,2026-01-01\r'.repeat(20_000)}`
    expect((await read(gzipSync(long))).counts).toMatchObject({ read: 20_000, refused: 0 })
  })

  it('end in line feeds if there is a line feed, also if lines contain carriage returns', async () => {
    expect(brief(await read('who,when\n"a\rb",2026-01-01\n'))).toEqual([[2, 'a\rb', undefined]])
    async function* slowly(): AsyncGenerator<Uint8Array> {
      for (const piece of ['who,when\r', '\nann,2026-01-01\r', '\n']) yield Buffer.from(piece)
    }
    expect(brief(await read('', {}, { input: { path: '-', stdin: slowly() } }))).toEqual([[2, 'ann', undefined]])
  })
})

describe('the text of a file', () => {
  const text = 'who,when\nJörg,2026-01-01\n'

  it('is read as UTF-16 if it has such a byte order mark, compressed or not', async () => {
    for (const bytes of [utf16(text), utf16(text, { isBig: true }), gzipSync(utf16(text))]) expect(brief(await read(bytes))).toEqual([[2, 'Jörg', undefined]])
  })

  it('is read in the given encoding', async () => {
    expect(brief(await read(Buffer.from(text, 'latin1'), {}, { encoding: 'latin1' }))).toEqual([[2, 'Jörg', undefined]])
    expect(brief(await read(utf16(text, { isBig: true, mark: '' }), {}, { encoding: 'utf-16be' }))).toEqual([[2, 'Jörg', undefined]])
    const cyrillic = Buffer.concat([Buffer.from('who,when\n'), Buffer.from([0xc8, 0xe2, 0xe0, 0xed]), Buffer.from(',2026-01-01\n')])
    expect(brief(await read(cyrillic, {}, { encoding: 'windows-1251' }))).toEqual([[2, 'Иван', undefined]])
  })

  it('is refused line by line, with advice, if it is in another encoding', async () => {
    const { rows, refused } = await read(Buffer.from(`${text}ann,2026-01-02\n`, 'latin1'))
    expect(rows.map(({ actorId }) => actorId)).toEqual(['ann'])
    expect(refused).toMatchObject([{ line: 2, reason: 'expected UTF-8; name the encoding of the file, such as --encoding windows-1252' }])
    await expect(read(Buffer.from('wer;wänn\n', 'latin1'))).rejects.toMatchObject({ message: expect.stringContaining('--encoding windows-1252') })
  })

  it('is refused as a whole if it is UTF-16 without a byte order mark, or not in the named encoding', async () => {
    await expect(read(utf16(text, { mark: '' }))).rejects.toMatchObject({ message: expect.stringContaining('Say so with --encoding utf-16le') })
    await expect(read(utf16(text, { isBig: true, mark: '' }))).rejects.toMatchObject({ message: expect.stringContaining('Say so with --encoding utf-16be') })
    await expect(read(Buffer.from([...Buffer.from('who,when\n'), 0xff]), {}, { encoding: 'shift_jis' })).rejects.toMatchObject({
      code: 'RONDO_INPUT_UNREADABLE',
    })
    expect(['latin1', 'UTF-16LE', 'iso-8859-15', 'gb18030', 'klingon', ''].map(isEncoding)).toEqual([true, true, true, true, false, false])
  })
})

describe('rows by their time', () => {
  const sentinels = 'who,when\nann,2024-01-01\nann,2024-01-20\nbob,2024-01-05\nbob,9999-12-31\neve,2099-01-01\n'
  const latest = Date.UTC(2026, 0)

  it('are left out and counted from `to` on, and refused if they are in the future', async () => {
    const { rows, counts } = await read(sentinels, {}, { from: Date.UTC(2024, 0, 5), to: Date.UTC(2024, 0, 20), latest })
    expect([rows.map(({ line }) => line), counts]).toEqual([[4], { read: 5, refused: 2, leftOut: { from: 1, to: 1, where: 0 } }])
  })

  it('are refused with a time for "never", such as 9999-12-31, for any `from` and `to`', async () => {
    const never = 'who,when\na,0001-01-01\na,0000000000\na,9999-12-31\na,2026-01-01\na,2026-02-01\n'
    const span = { from: Date.UTC(2026, 0), to: Date.UTC(2026, 1), latest: Date.UTC(2026, 2) }
    const { rows, refused, counts } = await read(never, {}, span)
    expect([rows.map(({ line }) => line), refused.map(({ line }) => line), counts.leftOut.to]).toEqual([[5], [2, 3, 4], 1])
    const later = await read(never, {}, { ...span, keepsFutureRows: true })
    expect([later.rows.map(({ line }) => line), later.refused.map(({ line }) => line)]).toEqual([
      [5, 4],
      [2, 3],
    ])
    const accepted = await read(never, {}, { ...span, latest: undefined })
    expect([accepted.refused.map(({ line }) => line), accepted.counts.leftOut.to]).toEqual([[2, 3], 2])
  })

  it('are refused with their line if they are in the future, and do not count for lastArrival', async () => {
    const { rows, refused, lastArrival } = await read(sentinels, {}, { latest })
    expect(rows.map(({ line }) => line)).toEqual([2, 4, 3])
    expect(refused.map(({ line, code, reason }) => [line, code, reason])).toEqual([
      [5, 'RONDO_EVENT_FROM_FUTURE', 'expected a time up to 2026-01-01T00:00:00.000Z, found 9999-12-31T00:00:00.000Z; --allow-future takes it'],
      [6, 'RONDO_EVENT_FROM_FUTURE', 'expected a time up to 2026-01-01T00:00:00.000Z, found 2099-01-01T00:00:00.000Z; --allow-future takes it'],
    ])
    expect(lastArrival).toBe(Date.UTC(2024, 0, 20))
    expect(await read(sentinels, {}, { latest, keepsFutureRows: true })).toMatchObject({ counts: { refused: 0 }, lastArrival: Date.UTC(2024, 0, 20) })
    expect(await read(sentinels)).toMatchObject({ counts: { refused: 0 }, lastArrival: Date.UTC(9999, 11, 31) })
  })

  it('are in the future by their recorded time with asRecorded', async () => {
    const text = 'who,when,seen\nann,2024-01-01,2024-01-02\nbob,2024-01-01,2099-01-01\n'
    expect((await read(text, { recorded: 'seen' }, { latest, asRecorded: true })).refused).toMatchObject([{ line: 3, code: 'RONDO_EVENT_FROM_FUTURE' }])
    expect((await read(text, { recorded: 'seen' }, { latest })).refused).toEqual([])
  })
})
