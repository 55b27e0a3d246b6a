import { expect, it } from '@jest/globals'
import { z } from 'zod'
import { readQuery, wholeNumber } from './query.ts'

const schema = z.strictObject({ limit: wholeNumber(1, 10).optional(), after: z.string().optional() })

it.each([
  [{ limt: '2' }, 'limt: there is no such parameter; did you mean limit?'],
  [{ other: '2', limit: '0' }, 'limit: expected a whole number from 1 to 10; other: there is no such parameter'],
])('a query with %j is refused, and the nearest parameter is named', (query, text) => {
  expect(() => readQuery(schema, query)).toThrow(expect.objectContaining({ code: 'RONDO_ARGUMENT_INVALID', message: `The query cannot be used: ${text}.` }))
})
