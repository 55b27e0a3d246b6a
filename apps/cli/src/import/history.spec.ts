import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { temporaryFolder } from '#runtime'
import type { RefusedRow } from '#sources'
import { History, type Part } from './history.ts'
import type { ImportItem } from './import-item.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const NOW = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000

/** Imports a CSV file from an item on. */
async function partsOf(
  text: string,
  { from = 0, shiftMs = 0, allowFuture = false } = {},
): Promise<{ parts: Part[]; count: number; named: RefusedRow[]; history: History }> {
  const path = mkdtempSync(join(folder.path, 'history-'))
  writeFileSync(join(path, 'rows.csv'), text)
  const named: RefusedRow[] = []
  const input = { path: join(path, 'rows.csv') }
  const csv = { actor: 'who', time: 'when' }
  const history = new History({
    ...{ input, csv, folder: path, latest: allowFuture ? undefined : NOW, keepsFutureRows: true },
    ...{ stop: new AbortController().signal, onRefused: (row) => named.push(row) },
  })
  await history.load()
  const parts: Part[] = []
  for await (const part of history.parts(from, { shiftMs, now: NOW, allowFuture })) parts.push(part)
  return { parts, count: history.count, named, history }
}

const itemsOf = (parts: readonly Part[]): ImportItem[] => parts.flatMap(({ items }) => items)
const csvOf = (rows: readonly string[]): string => ['who,when', ...rows, ''].join('\n')

describe('a history', () => {
  it('gives refused rows first, then the other rows by time', async () => {
    const { parts, count, named } = await partsOf(csvOf(['b,2025-03-01', 'c,never', 'a,2025-01-01', ',2025-01-01']))
    const items = itemsOf(parts)
    expect(items.map((item) => ('event' in item ? item.event.actor.id : item.refused.where))).toEqual([
      expect.stringMatching(/rows.csv, line 3$/),
      expect.stringMatching(/rows.csv, line 5$/),
      'a',
      'b',
    ])
    expect(count).toBe(4)
    expect(named.map(({ line }) => line)).toEqual([3, 5])
    expect(items[0]).toMatchObject({ refused: { code: 'RONDO_ROW_INVALID', raw: 'c,never' } })
  })

  it('gives every item the same number if it continues at any item', async () => {
    const row = fc.tuple(fc.constantFrom('a', 'b', ''), fc.constantFrom('2025-01-01', '2025-02-01', '2027-01-01', 'never')).map((cells) => cells.join(','))
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.nat(22), async (rows, from) => {
        const all = await partsOf(csvOf(rows))
        const rest = await partsOf(csvOf(rows), { from })
        expect(itemsOf(all.parts)).toHaveLength(all.count)
        const texts = (parts: readonly Part[]): string[] => itemsOf(parts).map(({ text }) => text.replaceAll(/history-\w+/g, ''))
        expect(texts(rest.parts)).toEqual(texts(all.parts).slice(from))
        expect(rest.parts[0]?.first ?? from).toBe(from)
      }),
      { numRuns: 40 },
    )
  })

  it('is divided into parts without gaps', async () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => `a,${new Date(Date.UTC(2020, 0, 1) + at * 1000).toISOString()}`)
    const { parts } = await partsOf(csvOf(rows))
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.map(({ first }) => first)).toEqual(parts.map((_, at) => itemsOf(parts.slice(0, at)).length))
  })

  it('moves all rows by the same amount, and reports their first and last time', async () => {
    const { parts, history } = await partsOf(csvOf(['a,2025-01-01T00:00:00Z', 'a,2025-01-03T00:00:00Z']), { shiftMs: 1000 })
    expect(itemsOf(parts)).toMatchObject([
      { event: { time: '2025-01-01T00:00:01.000Z', receivedAt: '2025-01-01T00:00:01.000Z' } },
      { event: { time: '2025-01-03T00:00:01.000Z', receivedAt: '2025-01-03T00:00:01.000Z' } },
    ])
    expect(history.firstTime).toBe(Date.UTC(2025, 0, 1))
    expect(history.rows.lastArrival).toBe(Date.UTC(2025, 0, 3))
  })

  it('refuses rows from the future, which would move log time ahead', async () => {
    const { parts } = await partsOf(csvOf(['a,2026-01-01T00:04:00Z', 'a,2026-01-01T00:06:00Z']))
    expect(itemsOf(parts)).toMatchObject([{ event: {} }, { line: 3, refused: { code: 'RONDO_EVENT_FROM_FUTURE' } }])
  })

  it('is moved by the time of its last row that is not in the future, and refuses rows from the future with their line', async () => {
    const rows = csvOf(['ann,2024-01-01', 'ann,2024-01-20', 'bob,2024-01-05', 'bob,9999-12-31', 'eve,2099-01-01'])
    const { history } = await partsOf(rows)
    const shiftMs = NOW - (history.rows.lastArrival ?? 0)
    expect(shiftMs).toBe(NOW - Date.UTC(2024, 0, 20))
    const items = itemsOf((await partsOf(rows, { shiftMs })).parts)
    expect(items.map((item) => ('event' in item ? item.event.time : [item.line, item.refused.code]))).toEqual([
      '2025-12-13T00:00:00.000Z',
      '2025-12-17T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
      [6, 'RONDO_EVENT_FROM_FUTURE'],
      [5, 'RONDO_EVENT_FROM_FUTURE'],
    ])
    // A row from the future is refused even if the shift moves it into the past.
    expect(itemsOf((await partsOf(csvOf(['eve,2026-06-01']), { shiftMs: -365 * DAY_MS })).parts)).toMatchObject([
      { line: 2, refused: { code: 'RONDO_EVENT_FROM_FUTURE' } },
    ])
    expect(itemsOf((await partsOf(csvOf(['eve,2026-06-01']), { shiftMs: -365 * DAY_MS, allowFuture: true })).parts)).toMatchObject([
      { event: { time: '2025-06-01T00:00:00.000Z' } },
    ])
  })

  it('refuses rows that would be moved before the first year', async () => {
    const { parts } = await partsOf(csvOf(['a,0001-01-02']), { shiftMs: -2 * DAY_MS })
    expect(itemsOf(parts)).toMatchObject([{ line: 2, refused: { code: 'RONDO_ROW_INVALID' } }])
  })
})
