import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { activityEventSchema } from '#contracts'
import { EVENT_BYTES_MAX, EVENT_DEPTH_MAX } from '../rows/bounds.ts'
import { Refusal } from '../rows/refusal.ts'
import { type JsonObject, toActivityEvent } from '../rows/source-row.ts'
import { decodeEvent, eventRefusal } from './event-line.ts'

const setting = { newId: () => '000000000001', asRecorded: true }

const valid: JsonObject = {
  id: 'e1',
  type: 'track',
  event: 'Song Played',
  actor: { type: 'user', id: 'u1' },
  time: '2026-01-31T12:00:00.000Z',
  receivedAt: '2026-01-31T12:00:01.000Z',
  claimedTime: '2026-01-31T12:00:02.000Z',
  properties: { song: 's1' },
  traits: {},
  context: { ip: '::1' },
  source: 'ingest',
}

/** Values close to those that a field accepts. */
const values = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    1,
    true,
    [],
    {},
    'track',
    'alias',
    'x'.repeat(256),
    'x'.repeat(257),
    'é'.repeat(128),
    'é'.repeat(129),
    '\ud800',
    '😀'.repeat(64),
  ),
  fc.constantFrom<unknown>(
    'x'.repeat(1024),
    'x'.repeat(1025),
    '2026-01-31T12:00:00Z',
    '2026-02-30T12:00:00.000Z',
    '2026-01-31T12:00:00.000+01:00',
    '2026-01-31 12:00:00',
  ),
  fc.constantFrom<unknown>({ type: 'user', id: 'u2' }, { type: 'user' }, { type: 'user', id: '' }, { type: 'user', id: 'u', more: 1 }, { type: 1, id: 'u' }),
  fc.jsonValue(),
)
const keys = fc.constantFrom(...Object.keys(valid), 'more', 'toString', 'constructor')

describe('an event of a file', () => {
  it('is accepted or refused as activityEventSchema decides', () => {
    const edits = fc.array(fc.oneof(fc.record({ key: keys, value: values }), fc.record({ key: keys })), { maxLength: 3 })
    let accepted = 0
    fc.assert(
      fc.property(edits, (list) => {
        const event = { ...valid }
        for (const edit of list) {
          if ('value' in edit) event[edit.key] = edit.value
          else delete event[edit.key]
        }
        // These keys are optional in a file, and required in the log.
        if (event.id === undefined || event.receivedAt === undefined) return
        const verdict = activityEventSchema.safeParse(event).success
        expect(eventRefusal(event) === undefined).toBe(verdict)
        if (verdict) accepted += 1
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(300)
  })

  it('becomes the record from which it was written', () => {
    const row = decodeEvent(valid, 1, setting)
    expect(row instanceof Refusal ? row : toActivityEvent(row)).toEqual(valid)
    expect(row instanceof Refusal ? row : Object.keys(toActivityEvent(row))).toEqual(Object.keys(valid))
  })

  it('may have no id, type and receivedAt if its arrival is its time', () => {
    const { id: _id, type: _type, receivedAt: _receivedAt, ...rest } = valid
    expect(decodeEvent(rest, 7, { ...setting, asRecorded: false })).toMatchObject({
      line: 7,
      id: '000000000001',
      type: 'track',
      arrival: Date.parse(String(valid.time)),
    })
    expect(decodeEvent(rest, 7, setting)).toMatchObject({ code: 'RONDO_EVENT_INVALID', reason: 'receivedAt: expected a value, found none' })
  })

  it('names the key with the defect', () => {
    expect(eventRefusal({ ...valid, actor: { type: 'user', id: '' } })?.reason).toBe('actor: id: expected a non-empty id')
    expect(eventRefusal({ ...valid, colour: 1 })?.reason).toBe('expected no colour')
    const { event: _event, ...nameless } = valid
    expect(eventRefusal(nameless)?.reason).toBe('event: expected a value, found none')
  })

  it('keeps a __proto__ among its properties as data', () => {
    const properties = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')
    const row = decodeEvent({ ...valid, properties }, 1, setting)
    const event = row instanceof Refusal ? undefined : toActivityEvent(row)
    expect(JSON.stringify(event?.properties)).toBe('{"__proto__":{"polluted":true},"a":1}')
    expect(({} as JsonObject).polluted).toBeUndefined()
    expect(event?.properties?.polluted).toBeUndefined()
  })
})

describe('the bounds of an event', () => {
  const sized = (bytes: number): JsonObject => {
    const empty = JSON.stringify({ ...valid, properties: { text: '' } }).length
    return { ...valid, properties: { text: 'x'.repeat(bytes - empty) } }
  }
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) })

  it('are 64 KB of JSON, to the byte', () => {
    expect(eventRefusal(sized(EVENT_BYTES_MAX))).toBeUndefined()
    expect(eventRefusal(sized(EVENT_BYTES_MAX + 1))).toMatchObject({ code: 'RONDO_EVENT_TOO_LARGE', path: 'properties' })
    expect(eventRefusal(sized(EVENT_BYTES_MAX + 1))?.reason).toBe('expected at most 65536 bytes, found 65537, most of them in properties')
    const half = 'x'.repeat(33_000)
    expect(eventRefusal({ ...valid, properties: { half }, context: { half } })?.reason).toMatch(/^expected at most 65536 bytes, found \d+$/)
    expect(eventRefusal({ ...valid, properties: { text: 'é'.repeat(40_000) } })?.code).toBe('RONDO_EVENT_TOO_LARGE')
  })

  it('are 32 levels of nesting, the event itself included', () => {
    const inner = EVENT_DEPTH_MAX - 1
    expect(eventRefusal({ ...valid, properties: nested(inner) })).toBeUndefined()
    expect(eventRefusal({ ...valid, properties: nested(inner + 1) })?.reason).toBe('expected at most 32 levels of nesting')
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(eventRefusal({ ...valid, properties: JSON.parse(deep) })?.reason).toBe('expected at most 32 levels of nesting')
  })
})

describe('an event ahead of its arrival', () => {
  const ahead = (ms: number) =>
    decodeEvent({ ...valid, claimedTime: valid.time, time: new Date(Date.parse(String(valid.receivedAt)) + ms).toISOString() }, 1, setting)
  const arrival = Date.parse(String(valid.receivedAt))

  it('is set to its arrival if it is up to 5 min ahead, and keeps the claimed time', () => {
    expect(ahead(0)).toMatchObject({ time: arrival })
    expect(ahead(1)).toMatchObject({ time: arrival, claimedTime: arrival + 1 })
    expect(ahead(300_000)).toMatchObject({ time: arrival, claimedTime: arrival + 300_000 })
  })

  it('is refused if it is more than 5 min ahead', () => {
    expect(ahead(300_001)).toMatchObject({ code: 'RONDO_EVENT_FROM_FUTURE' })
  })
})
