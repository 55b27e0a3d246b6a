import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { plainExpectation } from './plain-expectation.ts'

const schema = z.strictObject({
  name: z.string().min(2).max(3).optional(),
  mode: z.enum(['observe', 'enforce']).optional(),
  count: z.int().min(1).max(9).optional(),
  share: z.number().gt(0).lt(1).optional(),
  items: z.array(z.string()).min(1).max(2).optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
  known: z.literal('user').optional(),
  own: z.string({ error: 'expected a name' }).optional(),
})

describe('a plain expectation', () => {
  it.each([
    [{ name: 7 }, 'expected text'],
    [{ name: 'a' }, 'expected at least 2 characters'],
    [{ name: 'abcd' }, 'expected at most 3 characters'],
    [{ mode: 'forced' }, 'expected one of observe, enforce'],
    [{ count: 'x' }, 'expected a number'],
    [{ count: 1.5 }, 'expected a whole number'],
    [{ count: 0 }, 'expected at least 1'],
    [{ count: 10 }, 'expected at most 9'],
    [{ share: 0 }, 'expected more than 0'],
    [{ share: 1 }, 'expected less than 1'],
    [{ items: [] }, 'expected at least 1 entry'],
    [{ items: {} }, 'expected a list'],
    [{ fields: [] }, 'expected an object'],
    [{ known: 'admin' }, 'expected user'],
    [{ own: 1 }, 'expected a name'],
    [{ nam: 1 }, 'nam: there is no such field'],
    [[], 'expected an object'],
  ])('of %j is in plain words', (value, message) => {
    const { error } = schema.safeParse(value, { error: plainExpectation })
    expect(error?.issues.map((issue) => issue.message)).toEqual([message])
  })

  it('says that a value is missing', () => {
    const required = z.object({ name: z.string(), mode: z.enum(['observe', 'enforce']), count: z.int(), own: z.string({ error: 'expected a name' }) })
    const { error } = required.safeParse({}, { error: plainExpectation })
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'expected text, found nothing',
      'expected one of observe, enforce, found nothing',
      'expected a number, found nothing',
      'expected a name',
    ])
  })
})
