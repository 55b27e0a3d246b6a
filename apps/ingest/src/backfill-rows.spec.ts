import { describe, expect, it } from '@jest/globals'
import { readBackfillRows } from './backfill-rows.ts'

const now = Date.parse('2026-03-01T00:00:00Z')
const time = '2026-01-01T00:00:00.000Z'
const event = { id: 'e1', type: 'track', event: 'A', actor: { type: 'user', id: 'u' }, time, receivedAt: time }
const read = (row: unknown) => readBackfillRows(typeof row === 'string' ? row : JSON.stringify(row), 0, now)

describe('a row of an import', () => {
  it('is written in one form, however its times are written', () => {
    for (const foreign of ['2026-01-01T00:00:00,0Z', '20260101T000000Z', '2025-12-31t21:00:00-03', '2026-01-01T05:30:00 +0530']) {
      expect(read({ ...event, time: foreign, receivedAt: foreign })).toEqual({ rows: [event], rejected: [], quarantine: [] })
    }
  })

  it('keeps properties of any name', () => {
    const { rows } = read(JSON.stringify({ ...event, properties: { x: 1 } }).replace('"x"', '"__proto__"'))
    expect(JSON.stringify(rows[0]?.properties)).toBe('{"__proto__":1}')
  })

  it('at the zero time of Go and .NET is refused, and kept with its reason', () => {
    const { rows, rejected, quarantine } = read({ ...event, time: '0001-01-01T00:00:00Z' })
    expect([rows, quarantine.length]).toEqual([[null], 1])
    expect(rejected).toMatchObject([{ row: 0, code: 'RONDO_ROW_INVALID', message: expect.stringContaining('the zero time of Go and .NET') }])
  })
})
