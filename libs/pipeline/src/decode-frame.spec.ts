import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decodeFrame } from './decode-frame.ts'

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

  it('takes events of every form that the schema takes', () => {
    const long = { ...event, id: 'é'.repeat(120), time: '2026-01-01T01:00:00+01:00', receivedAt: '2026-01-01T00:00:00Z' }
    expect(decodeFrame(frame(long))[0]).toMatchObject({ kind: 'event', event: { time: 1767225600000, arrival: 1767225600000 } })
  })

  it('never throws, whatever bytes another writer put there', () => {
    const junk = fc.oneof(fc.string(), fc.json(), fc.constantFrom(JSON.stringify(event), JSON.stringify(tick), '[', ']', '},{'))
    fc.assert(
      fc.property(fc.array(junk, { minLength: 1, maxLength: 6 }), (lines) => {
        expect(kinds(lines.join('\n')).length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})
