import { describe, expect, it } from '@jest/globals'
import { formatInstant } from '#contracts'
import { readBackfillRows } from './backfill-rows.ts'

const now = Date.parse('2026-03-01T00:00:00Z')
const time = '2026-01-01T00:00:00.000Z'
const event = { id: 'e1', type: 'track', event: 'A', actor: { type: 'user', id: 'u' }, time, receivedAt: time }
const read = (row: unknown) => readBackfillRows(typeof row === 'string' ? row : JSON.stringify(row), 0, now)

describe('a row of an import', () => {
  it('is written in one form for times in any form', () => {
    for (const foreign of ['2026-01-01T00:00:00,0Z', '20260101T000000Z', '2025-12-31t21:00:00-03', '2026-01-01T05:30:00 +0530']) {
      expect(read({ ...event, time: foreign, receivedAt: foreign })).toEqual({ rows: [event], rejected: [], quarantine: [] })
    }
  })

  it('keeps properties of any name', () => {
    const { rows } = read(JSON.stringify({ ...event, properties: { x: 1 } }).replace('"x"', '"__proto__"'))
    expect(JSON.stringify(rows[0]?.properties)).toBe('{"__proto__":1}')
  })

  it('is refused with the zero time of Go and .NET, and kept with its reason', () => {
    const { rows, rejected, quarantine } = read({ ...event, time: '0001-01-01T00:00:00Z' })
    expect([rows, quarantine.length]).toEqual([[null], 1])
    expect(rejected).toMatchObject([{ row: 0, code: 'RONDO_ROW_INVALID', message: expect.stringContaining('Go and .NET write') }])
  })
})

const NOW = Date.parse('2026-03-01T12:00:00.000Z')
const HOUR_MS = 3_600_000

function rowAt(arrival: number): string {
  const time = formatInstant(arrival)
  return JSON.stringify({ id: 'r', type: 'track', event: 'Visit', actor: { type: 'user', id: 'u' }, time, receivedAt: time })
}

describe('rows that arrive while live events are held', () => {
  const since = NOW - HOUR_MS

  it('must be before the first held event, because a later row would move log time past the held events', () => {
    const { rows, rejected, quarantine } = readBackfillRows([rowAt(since), rowAt(NOW - 1), rowAt(since - 1)].join('\n'), 7, NOW, since)
    expect(rows.map((row) => row?.receivedAt ?? null)).toEqual([formatInstant(since), null, formatInstant(since - 1)])
    expect(rejected).toEqual([{ row: 8, code: 'RONDO_EVENT_FROM_FUTURE', message: `receivedAt: expected a time before ${formatInstant(since)}` }])
    expect(quarantine.map(({ refusedAt }) => refusedAt)).toEqual([formatInstant(NOW)])
  })

  it('get the arrival of the first held event if they are a little later, as rows from a clock that is ahead', () => {
    const { rows } = readBackfillRows(rowAt(since + 60_000), 0, NOW, since)
    expect(rows).toMatchObject([{ time: formatInstant(since), receivedAt: formatInstant(since), claimedTime: formatInstant(since + 60_000) }])
  })
})
