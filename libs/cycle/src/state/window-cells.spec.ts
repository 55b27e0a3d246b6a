import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { LocalDays } from '../calendar/local-days.ts'
import { type Window, windowOf } from '../calendar/window.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import type { Cell } from './cell.ts'
import { WindowCountCell, WindowDaysCell, WindowDistinctCell, WindowSumCell } from './window-cells.ts'

const HOUR = 3_600_000
const windows = { 'three minutes': 180_000, 'two and a half hours': 2.5 * HOUR, 'three days': 72 * HOUR } as const

type Added = { at: number; contribution: string | number | undefined }

/** The value over all events of the window's buckets, by its definition. */
type Reference = (events: readonly Added[], days: LocalDays) => number

const kinds: [string, (window: Window, days: LocalDays) => Cell, Reference][] = [
  ['count', (window) => new WindowCountCell(window), (events) => events.length],
  ['days', (window, days) => new WindowDaysCell(window, days), (events, days) => new Set(events.map(({ at }) => days.dayOf(at))).size],
  ['distinct', (window) => new WindowDistinctCell(window, 2), (events) => Math.min(2, keysOf(events).size)],
  [
    'sum',
    (window) => new WindowSumCell(window),
    (events) => events.reduce((sum, { contribution }) => sum + (typeof contribution === 'number' ? contribution : 0), 0),
  ],
]

const keysOf = (events: readonly Added[]) => new Set(events.map(({ contribution }) => contribution).filter((key) => typeof key === 'string'))
const inWindow = (window: Window, events: readonly Added[], now: number): Added[] =>
  events.filter(({ at }) => window.bucketOf(at) > window.bucketOf(now) - window.span && window.bucketOf(at) <= window.bucketOf(now))

/** The first boundary after `after` that changes the value, all events counted on both sides. */
function firstChange(window: Window, events: readonly Added[], after: number, reference: (events: readonly Added[]) => number): number {
  const buckets = [...new Set(events.map(({ at }) => window.bucketOf(at)))].sort((a, b) => a - b)
  const from = (bucket: number): Added[] => events.filter(({ at }) => window.bucketOf(at) >= bucket)
  const changing = buckets.find((bucket) => window.startOf(bucket + window.span) > after && reference(from(bucket)) !== reference(from(bucket + 1)))
  return changing === undefined ? Number.POSITIVE_INFINITY : window.startOf(changing + window.span)
}

function restored(cell: Cell, fresh: Cell): Cell {
  const [writer, reader] = [new ByteWriter(), new ByteReader()]
  cell.write(writer)
  reader.open(writer.bytes, writer.view, 0)
  fresh.add(0, 0, 'what was there before')
  fresh.read(reader)
  expect(reader.at).toBe(writer.at)
  return fresh
}

const stepArb = fc.record({ gap: fc.constantFrom(0, 0.1, 0.4, 1, 1, 2, 3.5), contribution: fc.constantFrom('a', 'b', 'c', 1, 2, -1, 0, undefined) })

describe.each(kinds)('%s within a window', (_, make, reference) => {
  it.each(Object.entries(windows))('of %s has the value of the events in its buckets, before and after a restore', (_name, length) => {
    const days = new LocalDays('Europe/Berlin')
    const window = windowOf(length, days)
    const referenceOf = (events: readonly Added[]): number => reference(events, days)
    const bucketMs = Math.ceil(length / window.span)
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 25 }), fc.nat(4), (steps, later) => {
        let at = Date.UTC(2026, 2, 27, 22)
        let cell = make(window, days)
        const events: Added[] = []
        for (const { gap, contribution } of steps) {
          at += Math.round(gap * bucketMs)
          events.push({ at, contribution })
          cell.add(at, 1, contribution)
          expect(cell.value(at)).toBe(referenceOf(inWindow(window, events, at)))
        }
        cell = restored(cell, make(window, days))
        expect(cell.value(at + later * bucketMs)).toBe(referenceOf(inWindow(window, events, at + later * bucketMs)))
        for (let after = at - 1, looks = 0; looks < 6; looks++) {
          const change = firstChange(window, events, after, referenceOf)
          expect(cell.runOut?.(after)).toBe(change)
          if (change === Number.POSITIVE_INFINITY) break
          after = change
        }
        cell.reset()
        expect([cell.value(at), cell.runOut?.(at)]).toEqual([0, Number.POSITIVE_INFINITY])
      }),
    )
  })
})

describe('a window', () => {
  it('forgets buckets that are out of it, so that its bytes do not grow', () => {
    const cell: Cell = new WindowCountCell(windowOf(windows['three minutes'], new LocalDays('UTC')))
    for (let minute = 0; minute < 500; minute++) cell.add(minute * 60_000, 1, undefined)
    const writer = new ByteWriter()
    cell.write(writer)
    expect(writer.at).toBeLessThan(20)
  })

  it.each([
    [1, 1, 60_000],
    [HOUR, 60, 60_000],
    [HOUR + 1, 2, HOUR],
    [48 * HOUR, 48, HOUR],
    [48 * HOUR + 1, 3, 24 * HOUR],
  ])('of %d ms has %d buckets of %d ms', (length, span, bucketMs) => {
    const window = windowOf(length, new LocalDays('UTC'))
    expect([window.span, window.startOf(7), window.bucketOf(7 * bucketMs), window.bucketOf(7 * bucketMs - 1)]).toEqual([span, 7 * bucketMs, 7, 6])
  })
})
