import { expect, it } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { csvOf } from './csv-text.ts'

it('a table has a column for each member of any item, also of members of members', () => {
  const items = [
    { from: 'a', stages: { here: { before: 1 } } },
    { from: null, stages: { 'far, away': { before: 2 } }, list: [1, 2] },
  ]
  expect(csvOf(items)).toBe('from,stages.here.before,"stages.far, away.before",list\r\na,1,,\r\n,,2,"[1,2]"\r\n')
  expect(csvOf([])).toBe('')
})

it('a reader of CSV gets every text back', () => {
  const item = fc.record({ 'a"b': fc.string({ unit: 'grapheme' }), b: fc.constantFrom('\r\n', '"', ',', ' x ', '') })
  fc.assert(
    fc.property(fc.array(item, { minLength: 1 }), (items) => {
      expect(parse(csvOf(items), { columns: true })).toEqual(items)
    }),
  )
})
