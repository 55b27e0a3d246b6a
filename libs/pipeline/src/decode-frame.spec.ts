import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decodeFrame, decodeRecord } from './decode-frame.ts'

const event = {
  id: 'e1',
  type: 'track',
  event: 'Visit',
  actor: { type: 'user', id: 'a' },
  time: '2026-01-01T00:00:00.000Z',
  receivedAt: '2026-01-01T00:00:01.000Z',
  properties: { page: 'first\nsecond' },
}
const tick = { record: 'tick', writer: 'w', time: '2026-01-01T00:00:02.000Z' }
const frame = (...lines: unknown[]): string => lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
const kinds = (text: string): string[] => decodeFrame(text).map(({ kind }) => kind)

describe('a frame', () => {
  it('holds events and control records, by index', () => {
    const [first, second] = decodeFrame(frame(event, tick))
    expect(first).toMatchObject({
      kind: 'event',
      event: { id: 'e1', actorType: 'user', actorId: 'a', time: 1767225600000, arrival: 1767225601000 },
      record: event,
    })
    expect(second).toEqual({ kind: 'control', record: tick })
  })

  it.each([
    ['text that is no JSON', '{"id": "e1", "event"', 'it is not JSON'],
    ['an empty line', '', 'it is not JSON'],
    ['null', 'null', 'expected object'],
    ['a number', '7', 'expected object'],
    ['two records on one line', `${JSON.stringify(event)},${JSON.stringify(event)}`, 'it is not JSON'],
    ['an unknown control record', { record: 'tock', writer: 'w' }, 'record'],
    ['an event without an actor', { ...event, actor: undefined }, 'actor'],
    ['an event that happened after it arrived', { ...event, time: '2026-01-01T00:00:01.001Z' }, 'its time is after its arrival'],
    ['an event with a time that is none', { ...event, time: '2026-01-01T00:00:99.000Z' }, 'time'],
    ['an event on a day that no month has', { ...event, time: '2025-02-30T00:00:00.000Z' }, 'time'],
    ['an event with half a surrogate pair as its id', { ...event, id: '\ud800' }, 'id'],
    ['an event whose properties are a list', { ...event, properties: [1] }, 'properties'],
  ])('keeps %s apart with its reason, and the others as they are', (_name, line, reason) => {
    const entries = decodeFrame(frame(event, line, tick))
    expect(entries.map(({ kind }) => kind)).toEqual(['event', 'poison', 'control'])
    expect(entries[1]).toMatchObject({ kind: 'poison', reason: expect.stringContaining(reason) })
  })

  it.each(['2026-01-01T00:00:00,5Z', '2026-01-01T01:00:00.5+01', '20260101t000000,500z', '2025-12-31T19:00:00.5 -05:00'])('reads the time %s', (time) => {
    expect(decodeFrame(frame({ ...event, time }))[0]).toMatchObject({ kind: 'event', event: { time: 1767225600500 } })
  })

  it('keeps properties of any name, also if the event is checked with the complete schema', () => {
    const text = JSON.stringify({ ...event, time: '2026-01-01T01:00:00+01:00' }).replace('"page"', '"__proto__"')
    const [entry] = decodeFrame(text)
    expect(entry).toMatchObject({ kind: 'event' })
    expect(JSON.stringify(entry?.kind === 'event' && [entry.event.properties, entry.record.properties])).toBe(
      '[{"__proto__":"first\\nsecond"},{"__proto__":"first\\nsecond"}]',
    )
  })

  it('accepts events in every form that the schema accepts', () => {
    const long = { ...event, id: 'é'.repeat(120), time: '2026-01-01T01:00:00+01:00', receivedAt: '2026-01-01T00:00:00Z' }
    expect(decodeFrame(frame(long))[0]).toMatchObject({ kind: 'event', event: { time: 1767225600000, arrival: 1767225600000 } })
  })

  it('is decoded without an exception for any bytes', () => {
    const junk = fc.oneof(fc.string(), fc.json(), fc.constantFrom(JSON.stringify(event), JSON.stringify(tick), '[', ']', '},{'))
    fc.assert(
      fc.property(fc.array(junk, { minLength: 1, maxLength: 6 }), (lines) => {
        expect(kinds(lines.join('\n')).length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a record of a log that others can write to', () => {
  const appendedAt = Date.parse('2026-01-01T00:00:02.000Z')
  const at = (ms: number): string => new Date(appendedAt + ms).toISOString()
  /** The entries of a record with an event, the given line and a tick. */
  const decoded = (line: object, place: { offset?: number; appendedAt?: number } = { appendedAt }) =>
    decodeRecord({ offset: 7, frame: frame(event, line, tick), ...place })

  it.each([
    [
      'a tick a minute and more ahead of its append',
      { ...tick, time: at(60_001) },
      'its time 2026-01-01T00:01:02.001Z is far ahead of 2026-01-01T00:00:02.000Z',
    ],
    ['a tick of another writer and another year', { ...tick, writer: 'v', time: '2199-01-01T00:00:00Z' }, 'its time 2199-01-01T00:00:00.000Z'],
    ['an arrival ahead of its append', { ...event, time: at(0), receivedAt: at(360_001) }, 'its arrival'],
    ['the beginning of an import in the middle of the log', { record: 'backfill.begin', writer: 'b', time: at(0) }, 'it begins an import'],
  ])('is without %s, which is kept apart with its reason', (_name, line, reason) => {
    const entries = decoded(line)
    expect(entries.map(({ kind }) => kind)).toEqual(['event', 'poison', 'control'])
    expect(entries[1]).toMatchObject({ code: 'RONDO_RECORD_FOREIGN', reason: expect.stringContaining(reason), raw: expect.stringContaining('Z"') })
    // A log whose records have no append time is a data folder, and only Rondo writes to it.
    expect(decoded(line, {}).map(({ kind }) => kind)).not.toContain('poison')
  })

  it.each([
    ['a tick as far ahead as a clock may be', { ...tick, time: at(60_000) }],
    ['a tick of long ago, as in a log that was imported', { ...tick, time: '1999-01-01T00:00:00.000Z' }],
    ['an arrival that an import allows', { ...event, receivedAt: at(360_000) }],
    ['the end of an import', { record: 'backfill.end', writer: 'b', time: at(0) }],
  ])('holds %s', (_name, line) => {
    expect(decoded(line).map(({ kind }) => kind)).not.toContain('poison')
  })

  it('may contain the beginning of an import as its first entry only', () => {
    const begin = { record: 'backfill.begin', writer: 'b', time: at(0) }
    const kindsAt = (offset: number) => decodeRecord({ offset, appendedAt, frame: frame(begin, begin) }).map(({ kind }) => kind)
    expect(kindsAt(0)).toEqual(['control', 'poison'])
    expect(kindsAt(1)).toEqual(['poison', 'poison'])
  })

  it('is decoded with the times of its ticks in the form of Rondo', () => {
    for (const [given, taken] of [
      ['2026-01-01T00:00:00,5Z', '2026-01-01T00:00:00.500Z'],
      ['2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00.000Z'],
      ['2026-01-01T00:00Z', '2026-01-01T00:00:00.000Z'],
    ])
      expect(decoded({ ...tick, time: given })[1]).toMatchObject({ kind: 'control', record: { time: taken } })
    for (const time of ['2026-02-30T00:00:00.000Z', 'soon', 17, null, '2026-01-01T00:00:00'])
      expect(decoded({ ...tick, time })[1]).toMatchObject({ kind: 'poison', reason: expect.stringContaining('time') })
  })
})
