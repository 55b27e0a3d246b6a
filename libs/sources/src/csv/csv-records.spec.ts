import { describe, expect, it } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { Refusal } from '../rows/refusal.ts'
import { CsvReader, type CsvRecord, RECORD_LENGTH_MAX } from './csv-records.ts'

/** Reads a text of lines that come in batches of `size`. */
function read(text: string, size = 3): CsvRecord[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const reader = new CsvReader()
  const records: CsvRecord[] = []
  for (let at = 0; at < lines.length; at += size) records.push(...reader.read({ first: at + 1, texts: lines.slice(at, at + size), refusals: new Map() }))
  return [...records, ...reader.end()]
}

const seen = (text: string): unknown[] => read(text).map(({ line, fields }) => [line, fields instanceof Refusal ? fields.reason : fields])

describe('a CSV text', () => {
  it('is read as csv-parse reads it, for fields of any content', () => {
    const field = fc.oneof(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '1') }), fc.string())
    const table = fc
      .tuple(fc.integer({ min: 2, max: 4 }), fc.constantFrom('\n', '\r\n'))
      .chain(([width, end]) => fc.record({ end: fc.constant(end), rows: fc.array(fc.array(field, { minLength: width, maxLength: width }), { maxLength: 6 }) }))
    const quote = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 5 }), ({ rows, end }, size) => {
        const text = rows.map((row) => row.map(quote).join(',') + end).join('')
        const fields = read(text, size).map((record) => record.fields)
        expect(fields).toEqual(rows)
        expect(fields).toEqual(parse(text, { record_delimiter: end, skip_empty_lines: true }))
      }),
      { numRuns: 500 },
    )
  })

  it('gives each record the number of the line in which it begins', () => {
    expect(seen('a,b\r\n\r\n1,"x\r\ny"\r\n2,z')).toEqual([
      [1, ['a', 'b']],
      [3, ['1', 'x\r\ny']],
      [5, ['2', 'z']],
    ])
  })
})

describe('a quote in the wrong place', () => {
  const good = [1, ['1', 'b', 'c']]

  it('makes only its own record refused', () => {
    expect(seen('1,b,c\n2,"b"x,c\n3,b,c')).toEqual([good, [2, expect.stringContaining('found a quote (") in the wrong place')], [3, ['3', 'b', 'c']]])
    expect(seen('1,b,c\n2,b"x"y,c\n3,b,c')).toEqual([good, [2, expect.stringContaining('found a quote (") in the wrong place')], [3, ['3', 'b', 'c']]])
  })

  it('makes only its own line refused if it is never closed', () => {
    const end = 'a quote is opened and not closed before the end'
    expect(seen('1,b,c\n2,"b,c\n3,b,c\n4,"b",c')).toEqual([good, [2, end], [3, ['3', 'b', 'c']], [4, ['4', 'b', 'c']]])
    expect(seen('1,b,c\n2,"b,c\n3,b,c\n4,b",c\n5,b,c').slice(0, 2)).toEqual([good, [2, ['2', 'b,c\n3,b,c\n4,b', 'c']]])
    expect(seen('1,b,c\n2,b"x,c\n3,b,c\n4,b"x,c\n5,b,c')).toEqual([
      good,
      [2, 'a quote is opened and not closed'],
      [3, ['3', 'b', 'c']],
      [4, end],
      [5, ['5', 'b', 'c']],
    ])
  })

  it('makes its line refused after 64 KB, not only at the end of the file', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => `${n},b,c`)
    const reader = new CsvReader()
    const records = reader.read({ first: 1, texts: ['0,"b,c', ...rows], refusals: new Map() })
    expect(records[0]).toMatchObject({ line: 1, raw: '0,"b,c', fields: { reason: 'a quote is opened and not closed within 65536 characters' } })
    // The line with the open quote, and all rows after it.
    expect(records.length).toBe(1 + rows.length)
  })
})

it('a record over 64 KB is refused', () => {
  expect(read(`${'x'.repeat(RECORD_LENGTH_MAX + 1)}\na,b`)).toMatchObject([
    { line: 1, fields: { code: 'RONDO_EVENT_TOO_LARGE' } },
    { line: 2, fields: ['a', 'b'] },
  ])
})

it('a line that is not valid text ends a record that waits for its closing quote', () => {
  const reader = new CsvReader()
  const refusals = new Map([[1, new Refusal('RONDO_ROW_INVALID', 'expected UTF-8')]])
  const records = reader.read({ first: 1, texts: ['1,"a', '\ufffd', '3,b'], refusals })
  expect(records.map(({ line, fields }) => [line, fields instanceof Refusal ? fields.reason : fields])).toEqual([
    [1, 'a quote is opened and not closed'],
    [2, 'expected UTF-8'],
    [3, ['3', 'b']],
  ])
})
