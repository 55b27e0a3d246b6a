import { describe, expect, it } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { csvText } from './csv.ts'

describe('a CSV file', () => {
  it('is read by others as it was, whatever texts are in it', () => {
    const row = fc.tuple(
      fc.string({ unit: 'grapheme' }).filter((text) => !/^[=+\-@\t\r]/.test(text)),
      fc.integer(),
    )
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const read = parse(csvText(['name', 'number'], rows), { relax_column_count: false }) as string[][]
        expect(read).toEqual([['name', 'number'], ...rows.map(([name, number]) => [name, String(number)])])
      }),
    )
  })

  it('gives a spreadsheet no formula, and an empty cell for what there is not', () => {
    expect(
      csvText(
        ['a', 'b'],
        [
          ['=1+1', null],
          ['-x', -5],
        ],
      ),
    ).toBe("a,b\r\n'=1+1,\r\n'-x,-5\r\n")
  })
})
