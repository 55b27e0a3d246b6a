import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { activityEventSchema, quarantineRecordSchema, type SourceDefinition, sourceListSchema } from '#contracts'
import { recordMapper } from './map-record.ts'
import type { SourceRecord } from './source-record.ts'

const AT = Date.parse('2026-03-01T12:00:00.000Z')
const NOW = AT + 3_600_000
const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const source = (parts: object): SourceDefinition => sourceListSchema.parse({ sources: [{ name: 's', topic: 't', ...parts }] }).sources[0] as SourceDefinition
const recordOf = (value: unknown, parts: Partial<SourceRecord> = {}): SourceRecord => ({
  topic: 't',
  partition: 3,
  offset: 17,
  key: Buffer.from('k'),
  value: value === null ? null : Buffer.isBuffer(value) ? value : bytes(value),
  headers: {},
  timestamp: AT + 250,
  isAppendTime: true,
  ...parts,
})
const mapped = (definition: object, value: unknown, parts: Partial<SourceRecord> = {}) => recordMapper(source(definition))(recordOf(value, parts), NOW)
const own = { id: 'e-1', event: 'Beat', actor: { id: 'u1' }, time: '2026-03-01T12:00:00Z' }

describe('a mapping', () => {
  it('makes the event that the guide shows', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/sources.md'), 'utf8')
    const [record, event] = [...guide.matchAll(/^```json\n(.*?)^```$/gms)].map(([, block = '']) => JSON.parse(block))
    const map = { id: 'order.number', event: { text: 'Order Completed' }, actor: 'customer.id', time: 'placed_at', properties: 'order' }
    expect(mapped({ name: 'orders', topic: 'shop.orders', map }, record, { topic: 'shop.orders', timestamp: Date.parse(event.receivedAt) })).toEqual({
      events: [event],
      quarantine: [],
    })
  })

  it('reads plain JSON as an event of Rondo, and makes an id from the place if there is none', () => {
    const { events } = mapped({}, { ...own, id: undefined, actor: { type: 'musician', id: 7 }, properties: { a: [1] } })
    expect(events).toEqual([
      {
        id: 's@t-3-17',
        type: 'track',
        event: 'Beat',
        actor: { type: 'musician', id: '7' },
        time: '2026-03-01T12:00:00.000Z',
        receivedAt: '2026-03-01T12:00:00.250Z',
        source: 't',
        properties: { a: [1] },
      },
    ])
  })

  it.each([
    ['a list entry', 'list.1', 'b'],
    ['a pointer with escapes', '/x.y/~0~1', 'c'],
    ['the first that has a value', ['none', 'null', 'id'], 'd'],
    ['values joined', { join: ['id', '$key'] }, 'd#k'],
    ['a fixed text', { text: 'e' }, 'e'],
    ['the key', '$key', 'k'],
    ['a header with dots', '$headers.a.b', 'h'],
    ['a number', 'number', '12'],
    ['a number beyond 2^53', 'large', '653247040368672769'],
  ])('takes %s', (_, actor, id) => {
    const value = `{"list":["a","b"],"x.y":{"~/":"c"},"id":"d","null":null,"number":12,"large":653247040368672769}`
    const map = { actor, event: { text: 'Beat' }, time: '$timestamp' }
    const { events, quarantine } = mapped({ map }, value, { headers: { 'a.b': 'h' } })
    expect(quarantine).toEqual([])
    expect(events[0]?.actor).toEqual({ type: 'user', id })
  })

  it.each([
    ['no value', null, /tombstone/],
    ['no JSON', '{"id"', /expected JSON in UTF-8/],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), /expected JSON in UTF-8/],
    ['nothing', '', /expected JSON/],
    ['a list', [own], /event: expected a value at event/],
    ['no actor', { ...own, actor: {} }, /actor: expected a value at actor.id, found none/],
    ['an actor that is an object', { ...own, actor: { id: {} } }, /actor: expected a string or a whole number, found an object/],
    ['an actor that is not whole', { ...own, actor: { id: 1.5 } }, /actor: expected a string or a whole number, found 1.5/],
    ['a number that is not finite', JSON.stringify({ ...own, properties: { a: [1, 'x'] } }).replace('"x"', '1e400'), /properties.a.1: expected a number up to/],
    ['an actor whose id is too long', { ...own, actor: { id: 'x'.repeat(257) } }, /256 bytes/],
    ['a name that is a number', { ...own, event: 5 }, /event: expected a name/],
    ['no time', { ...own, time: undefined }, /time: expected a value at time/],
    ['a time that is none', { ...own, time: 'yesterday' }, /time: expected a time, found "yesterday"/],
    ['the zero time', { ...own, time: '0001-01-01T00:00:00Z' }, /Go and .NET write/],
    ['the zero time of the east', { ...own, time: '0001-01-01T00:00:00+03:00' }, /Go and .NET write/],
    ['digits that say no form', { ...own, time: '202403011200' }, /a number of 12 digits/],
    ['a time far ahead', { ...own, time: '2099-01-01T00:00:00Z' }, /at most 5 min after the arrival/],
    ['properties that are a text', { ...own, properties: 'x' }, /properties: expected an object/],
    ['an event that is too large', { ...own, properties: { x: 'x'.repeat(70_000) } }, /at most 65536 bytes/],
    ['a record that is too large', { ...own, other: 'x'.repeat(2 << 20) }, /a record of at most/],
    [
      'nesting that is too deep',
      `{"event":"Beat","actor":{"id":"u"},"time":"2026-03-01","properties":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}`,
      /nesting/,
    ],
  ])('refuses %s, and names the place', (_, value, reason) => {
    const { events, quarantine } = mapped({}, value)
    expect(events).toEqual([])
    expect(quarantine).toEqual([expect.objectContaining({ where: 'topic t, partition 3, offset 17', reason: expect.stringMatching(reason) })])
  })

  it('gives at least one event or refusal for any record, and the same result each time', () => {
    const parts = fc.tuple(fc.jsonValue(), fc.jsonValue(), fc.constantFrom('track', 'page', 'x'))
    const nearly = parts.map(([event, properties, type]) => ({
      ...own,
      specversion: '1.0',
      source: '/a',
      subject: 'u',
      userId: 'u',
      type,
      event,
      properties,
      data: properties,
    }))
    const value = fc.oneof(fc.json(), fc.string(), fc.uint8Array(), fc.constant(null), nearly)
    const format = fc.constantFrom('json', 'cloudevents', 'segment')
    fc.assert(
      fc.property(value, format, fc.integer({ min: -1, max: NOW * 2 }), fc.boolean(), (raw, name, timestamp, isAppendTime) => {
        const record = recordOf(raw instanceof Uint8Array ? Buffer.from(raw) : raw, { timestamp, isAppendTime })
        const map = recordMapper(source({ format: name }))
        const { events, quarantine } = map(record, NOW)
        expect(events.length + quarantine.length).toBeGreaterThan(0)
        for (const event of events) activityEventSchema.parse(event)
        for (const refusal of quarantine) quarantineRecordSchema.parse(refusal)
        expect(map(record, NOW)).toEqual({ events, quarantine })
      }),
    )
  })
})

describe('the time', () => {
  it.each([
    ['20260301115900', '2026-03-01T11:59:00.000Z'],
    [20260301115900, '2026-03-01T11:59:00.000Z'],
    [1772366340, '2026-03-01T11:59:00.000Z'],
    ['1772366340000000', '2026-03-01T11:59:00.000Z'],
    ['20260301t0859-03', '2026-03-01T11:59:00.000Z'],
    ['2026-03-01 12:59:00,5+01', '2026-03-01T11:59:00.500Z'],
  ])('%j is %s', (time, expected) => expect(mapped({}, { ...own, time }).events[0]?.time).toBe(expected))

  it('is read in the format and time zone of the source', () => {
    const local = { timeFormat: 'DD/MM/YYYY HH:mm', timezone: 'Europe/Berlin' }
    expect(mapped(local, { ...own, time: '01/03/2026 12:59' }).events[0]?.time).toBe('2026-03-01T11:59:00.000Z')
    expect(mapped({ timezone: 'Asia/Kolkata' }, { ...own, time: '2026-03-01 17:29:00' }).events[0]?.time).toBe('2026-03-01T11:59:00.000Z')
    expect(mapped({ timeFormat: 'seconds' }, { ...own, time: 915148800 }).events[0]?.time).toBe('1999-01-01T00:00:00.000Z')
    expect(mapped(local, { ...own, time: '29/03/2026 02:30' }).quarantine[0]?.reason).toMatch(/does not exist in Europe\/Berlin/)
  })

  it('counts as missing if it is an empty text', () => {
    const call = { type: 'track', messageId: 'm', userId: 'u1', event: 'Beat', timestamp: '', originalTimestamp: '2026-03-01T11:00:00Z' }
    expect(mapped({ format: 'segment' }, call).events[0]?.time).toBe('2026-03-01T11:00:00.000Z')
    expect(mapped({ format: 'segment' }, { ...call, originalTimestamp: '' }).events[0]?.time).toBe('2026-03-01T12:00:00.250Z')
    const map = { time: ['time', 'placed'] }
    expect(mapped({ map }, { ...own, time: '', placed: '2026-03-01T11:00:00Z' }).events[0]?.time).toBe('2026-03-01T11:00:00.000Z')
  })
})

describe('the arrival', () => {
  const arrival = (time: string, parts: Partial<SourceRecord>) => mapped({}, { ...own, time }, parts).events[0]?.receivedAt

  it('is the time when the record was appended, not the time when it was read', () => {
    expect(arrival('2026-03-01T12:00:00Z', {})).toBe('2026-03-01T12:00:00.250Z')
  })

  it('is the time of the producer if the topic keeps that, but not before the event and not after now', () => {
    expect(arrival('2026-03-01T12:00:00Z', { isAppendTime: false })).toBe('2026-03-01T12:00:00.250Z')
    expect(arrival('2026-03-01T12:10:00Z', { isAppendTime: false })).toBe('2026-03-01T12:10:00.000Z')
    expect(arrival('2026-03-01T12:00:00Z', { isAppendTime: false, timestamp: NOW + 1e9 })).toBe('2026-03-01T13:00:00.000Z')
    expect(arrival('2026-03-01T12:00:00Z', { isAppendTime: false, timestamp: -1 })).toBe('2026-03-01T13:00:00.000Z')
  })
})

describe('CloudEvents', () => {
  const attributes = { specversion: '1.0', id: '1', source: '/a', type: 'Beat', subject: 'u1', time: '2026-03-01T12:00:00Z' }
  const event = { id: 's:/a#1', event: 'Beat', actor: { type: 'user', id: 'u1' }, properties: { n: 1 } }

  it('are read the same in structured mode and with their attributes in headers', () => {
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [`ce_${name}`, text]))
    const structured = mapped({ format: 'cloudevents' }, { ...attributes, data: { n: 1 } })
    expect(structured).toMatchObject({ events: [event], quarantine: [] })
    expect(mapped({ format: 'cloudevents' }, { n: 1 }, { headers })).toEqual(structured)
    expect(mapped({ format: 'cloudevents' }, null, { headers }).events).toMatchObject([{ id: 's:/a#1' }])
  })

  it('are refused without a specversion', () => {
    expect(mapped({ format: 'cloudevents' }, { ...attributes, specversion: undefined }).quarantine).toMatchObject([
      { reason: expect.stringContaining('specversion') },
    ])
  })
})

describe('Segment calls', () => {
  it('are read alone and in batches; a bad call of a batch is refused without the others', () => {
    const call = { type: 'track', messageId: 'm', userId: 'u1', event: 'Beat', timestamp: '2026-03-01T12:00:00Z' }
    expect(mapped({ format: 'segment', map: { actorType: { text: 'member' } } }, call).events).toMatchObject([
      { id: 's:m', actor: { type: 'member', id: 'u1' } },
    ])
    const { events, quarantine } = mapped({ format: 'segment' }, { batch: [call, { type: 'track' }, { type: 'page', userId: 'u2' }] })
    expect(events).toMatchObject([{ id: 's:m' }, { id: 's@t-3-17-2', event: 'Page Viewed', time: '2026-03-01T12:00:00.250Z' }])
    expect(quarantine).toMatchObject([{ where: 'topic t, partition 3, offset 17, index 1' }])
    expect(mapped({ format: 'segment' }, { batch: [] }).quarantine.length).toBe(1)
  })

  it('become events or refusals for all recorded real clients', () => {
    const lines = readFileSync(join(import.meta.dirname, '../../../../test/fixtures/clients/captured_requests.jsonl'), 'utf8')
      .trim()
      .split('\n')
    const bodies = lines.map((line) => JSON.parse(line).body).filter((body) => Array.isArray(body?.batch))
    expect(bodies.length).toBeGreaterThan(10)
    for (const body of bodies) {
      const { events, quarantine } = mapped({ format: 'segment' }, body, { timestamp: Date.parse('2026-11-22T12:00:00Z') })
      expect(events.length + quarantine.length).toBe(body.batch.length)
    }
  })
})

it('reads JSON behind the prefix of a schema registry', () => {
  expect(mapped({}, Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), bytes(own)])).events.length).toBe(1)
})
