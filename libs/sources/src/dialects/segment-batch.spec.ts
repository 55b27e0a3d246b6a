import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { type ActivityEvent, activityEventSchema, formatInstant } from '#contracts'
import type { JsonObject } from '../rows/source-row.ts'
import type { ReadCalls } from './read-calls.ts'
import { readSegmentBatch, readSegmentCall, segmentCallNames } from './segment-batch.ts'

const arrival = Date.parse('2026-11-22T12:00:00.000Z')
const newId = (): string => 'made-up'

const linesOf = (name: string): JsonObject[] =>
  readFileSync(new URL(`../../../../test/fixtures/clients/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const captured = linesOf('captured_requests.jsonl') as { client: string; path: string; body: JsonObject }[]
const expected = linesOf('expected_events.jsonl')

function replay({ path, body }: { path: string; body: JsonObject }): ReadCalls {
  const type = segmentCallNames.get(path.split('/').filter(Boolean).at(-1) ?? '')
  return type === undefined ? readSegmentBatch(body, arrival, newId) : readSegmentCall(type, body, arrival, newId)
}

const brief = ({ type, event, actor, properties, traits }: ActivityEvent): JsonObject =>
  JSON.parse(JSON.stringify({ type, event, actor: actor.id, properties, traits }))

const segment = captured.filter(({ path }) => path !== '/ce' && path !== '/batch/')

function outcome(request: (typeof captured)[number]): JsonObject {
  const { client, path } = request
  const { events, refused } = replay(request)
  return { client, path, events: events.map(brief), refused: refused.length }
}

describe('the requests of real clients', () => {
  it('become the events that their users expect', () => {
    expect(captured.length).toBe(27)
    expect(segment.map(outcome)).toEqual(expected.filter(({ path }) => path !== '/ce' && path !== '/batch/'))
  })

  it('become valid records with the ids that the clients gave', () => {
    expect(segment.length).toBe(23)
    for (const request of segment) {
      const calls = (request.body.batch ?? [request.body]) as JsonObject[]
      const { events } = replay(request)
      for (const event of events) expect(activityEventSchema.safeParse(event)).toMatchObject({ success: true })
      expect(events.map(({ id }) => id)).toEqual(calls.map(({ messageId }) => messageId))
      expect(events.map(({ context }) => context)).toEqual(calls.map(({ context }) => context ?? request.body.context))
    }
  })

  it('keep the time between happening and sending, for any clock of the sender', () => {
    let corrected = 0
    for (const request of segment) {
      const calls = (request.body.batch ?? [request.body]) as Record<string, string | undefined>[]
      for (const [at, { time }] of replay(request).events.entries()) {
        const call = calls[at] ?? {}
        const claimed = Date.parse(call.timestamp ?? call.originalTimestamp ?? formatInstant(arrival))
        const sentAt = call.sentAt ?? request.body.sentAt
        const ago = sentAt === undefined ? arrival - claimed : Date.parse(String(sentAt)) - claimed
        expect(arrival - Date.parse(time)).toBe(ago)
        if (sentAt !== undefined) corrected += 1
      }
    }
    expect(corrected).toBeGreaterThan(50)
  })
})

const track = { type: 'track', event: 'Song Played', userId: 'u1', messageId: 'm1', timestamp: '2026-11-22T11:00:00.000Z' }
const readOne = (call: unknown, envelope: JsonObject = {}): ReadCalls => readSegmentBatch({ batch: [call], ...envelope }, arrival, newId)
const eventOf = (call: unknown, envelope: JsonObject = {}): ActivityEvent | undefined => readOne(call, envelope).events[0]
const refusalOf = (call: unknown): unknown => readOne(call).refused[0]

describe('a call', () => {
  it('belongs to its userId, or else to its anonymousId', () => {
    expect(eventOf({ ...track, anonymousId: 'a1' })?.actor).toEqual({ type: 'user', id: 'u1' })
    expect(eventOf({ ...track, userId: null, anonymousId: 'a1' })?.actor).toEqual({ type: 'visitor', id: 'a1' })
    expect(eventOf({ ...track, userId: '', anonymousId: 'a1' })?.actor).toEqual({ type: 'visitor', id: 'a1' })
    expect(eventOf({ ...track, userId: 12 })?.actor.id).toBe('12')
    expect(eventOf({ ...track, userId: 0 })?.actor.id).toBe('0')
  })

  it('keeps the id that its user had as a visitor, if it is an identify or alias call', () => {
    const joined = (call: object) => eventOf({ ...track, anonymousId: 'a1', ...call })
    expect(joined({ type: 'identify' })).toMatchObject({ actor: { type: 'user', id: 'u1' }, anonymousId: 'a1' })
    expect(joined({ type: 'alias', previousId: 'p1' })).toMatchObject({
      actor: { type: 'user', id: 'u1' },
      anonymousId: 'a1',
      properties: { previousId: 'p1' },
    })
    expect(joined({})).not.toHaveProperty('anonymousId')
    expect(joined({ type: 'identify', userId: null })).toMatchObject({ actor: { type: 'visitor', id: 'a1' } })
    expect(joined({ type: 'identify', userId: null })).not.toHaveProperty('anonymousId')
    // The user is known, so that an id that is none refuses nothing.
    expect(joined({ type: 'identify', anonymousId: { a: 1 } })).toMatchObject({ actor: { type: 'user', id: 'u1' } })
  })

  it('gets an id if it has no messageId', () => {
    expect(eventOf({ ...track, messageId: undefined })?.id).toBe('made-up')
    expect(eventOf({ ...track, messageId: null })?.id).toBe('made-up')
  })

  it('uses its properties before other keys of the call', () => {
    const page = { ...track, type: 'page', name: 'Home', properties: { name: 'Start' } }
    expect(eventOf(page)?.properties).toEqual({ name: 'Start' })
    expect(page.properties).toEqual({ name: 'Start' })
  })

  it('has the type that its path names', () => {
    expect(readSegmentCall('identify', { ...track, traits: { plan: 'free' } }, arrival, newId).events[0]).toMatchObject({
      event: 'Identified',
      traits: { plan: 'free' },
    })
    expect(['t', 'p', 's', 'i', 'g', 'a'].map((name) => segmentCallNames.get(name))).toEqual(['track', 'page', 'screen', 'identify', 'group', 'alias'])
  })

  it('has the context of its batch; its own context has priority', () => {
    const context = { app: { name: 'shop' }, locale: 'en' }
    expect(eventOf({ ...track, context: { locale: 'de', ip: '10.0.0.1' } }, { context })?.context).toEqual({
      app: { name: 'shop' },
      locale: 'de',
      ip: '10.0.0.1',
    })
    expect(eventOf({ ...track, context: null }, { context })?.context).toEqual(context)
    expect(eventOf(track, { context: 'x' })?.context).toBeUndefined()
  })

  it('is refused if the copies of the context of its batch would be too large together', () => {
    const batch = (calls: number, context: JsonObject) => readSegmentBatch({ batch: Array(calls).fill(track), context }, arrival, newId)
    expect(batch(80, { text: 'x'.repeat(50_000) }).events.length).toBe(80)
    const { events, refused } = batch(90, { text: 'x'.repeat(50_000) })
    expect([events.length, refused.length]).toEqual([0, 90])
    expect(refused[0]).toMatchObject({ code: 'RONDO_EVENT_TOO_LARGE', path: 'context', reason: expect.stringContaining('send smaller batches') })
    expect(batch(5000, { app: 'shop' }).refused).toEqual([])
  })

  it('cannot pollute a prototype', () => {
    const call = JSON.parse('{"type":"page","userId":"u1","name":"Home","__proto__":{"event":"x"},"properties":{"__proto__":{"polluted":1}}}')
    expect(eventOf(call)?.properties).toMatchObject({ name: 'Home' })
    expect(eventOf(call)?.properties?.polluted).toBeUndefined()
    expect(({} as JsonObject).polluted).toBeUndefined()
  })
})

describe('the time of a call', () => {
  it('is corrected by the difference between sentAt and the arrival', () => {
    const slow = { timestamp: '2020-01-01T00:00:00.000Z', sentAt: '2020-01-01T00:00:10.000Z' }
    expect(eventOf({ ...track, ...slow })).toMatchObject({ time: '2026-11-22T11:59:50.000Z', receivedAt: '2026-11-22T12:00:00.000Z' })
    expect(eventOf({ ...track, timestamp: slow.timestamp }, { sentAt: slow.sentAt })?.time).toBe('2026-11-22T11:59:50.000Z')
    expect(eventOf({ ...track, sentAt: 'soon' })?.time).toBe(track.timestamp)
  })

  it('is the arrival if the call has no time', () => {
    expect(eventOf({ ...track, timestamp: '' })?.time).toBe('2026-11-22T12:00:00.000Z')
    expect(eventOf({ ...track, timestamp: '', originalTimestamp: '2026-11-22T11:30:00Z' })?.time).toBe('2026-11-22T11:30:00.000Z')
    expect(eventOf({ ...track, timestamp: null, originalTimestamp: '' })?.time).toBe('2026-11-22T12:00:00.000Z')
    expect(eventOf({ ...track, timestamp: undefined })?.time).toBe('2026-11-22T12:00:00.000Z')
    expect(eventOf({ ...track, timestamp: null, sentAt: '2020-01-01T00:00:00Z' })?.time).toBe('2026-11-22T12:00:00.000Z')
  })

  it('is refused if it is the zero time of Go and .NET; a sentAt of that time is ignored', () => {
    for (const timestamp of ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00+01:00', '0001-01-01T00:00:00.000-08:00']) {
      const reason = expect.stringContaining('Go and .NET write')
      expect(refusalOf({ ...track, timestamp })).toMatchObject({ code: 'RONDO_EVENT_INVALID', reason })
      expect(refusalOf({ ...track, timestamp, sentAt: timestamp })).toMatchObject({ code: 'RONDO_EVENT_INVALID', reason })
    }
    expect(eventOf({ ...track, sentAt: '0001-01-01T00:00:00Z' })?.time).toBe(track.timestamp)
    expect(eventOf(track, { sentAt: '0001-01-01T00:00:00Z' })?.time).toBe(track.timestamp)
  })

  it('may be Unix time in digits', () => {
    for (const timestamp of ['20261122110000', 20261122110000, '1795345200', 1795345200, 1795345200000, '1795345200000000', '20261122T110000Z']) {
      expect(eventOf({ ...track, timestamp })?.time).toBe('2026-11-22T11:00:00.000Z')
    }
    expect(refusalOf({ ...track, timestamp: '202611221100' })).toMatchObject({ reason: expect.stringContaining('a number of 12 digits') })
    expect(refusalOf({ ...track, timestamp: 179534520 })).toMatchObject({ code: 'RONDO_EVENT_INVALID' })
  })

  it('becomes the arrival if it is up to 5 min ahead, and the claimed time is kept', () => {
    expect(eventOf({ ...track, timestamp: '2026-11-22T12:05:00.000Z' })).toMatchObject({
      time: '2026-11-22T12:00:00.000Z',
      claimedTime: '2026-11-22T12:05:00.000Z',
    })
    expect(eventOf(track)).not.toHaveProperty('claimedTime')
  })

  it('is refused if it is more than 5 min ahead', () => {
    expect(refusalOf({ ...track, timestamp: '2026-11-22T12:05:00.001Z' })).toMatchObject({
      code: 'RONDO_EVENT_FROM_FUTURE',
      index: 0,
      path: 'timestamp',
      reason: expect.stringMatching(/^timestamp: expected a time at most 5 min after the arrival/),
    })
    expect(refusalOf({ ...track, timestamp: undefined, originalTimestamp: '2027-01-01T00:00:00Z' })).toMatchObject({ path: 'originalTimestamp' })
    expect(refusalOf({ ...track, timestamp: '9999-01-01T00:00:00Z', sentAt: '0001-01-01T00:00:00Z' })).toMatchObject({ code: 'RONDO_EVENT_FROM_FUTURE' })
    expect(refusalOf({ ...track, timestamp: '0001-01-01T00:00:00Z', sentAt: '9999-01-01T00:00:00Z' })).toMatchObject({ code: 'RONDO_EVENT_INVALID' })
  })
})

describe('a bad call', () => {
  it.each([
    [null, 'expected an object'],
    [[], 'expected an object'],
    [{ ...track, type: 'play' }, 'type: expected one of track, page, screen, identify, group, alias'],
    [{ ...track, event: '' }, 'event: expected a name of 1 to 1024 characters'],
    [{ ...track, userId: undefined }, 'expected a userId or an anonymousId'],
    [{ ...track, userId: { id: 1 } }, 'userId: expected a string or a number'],
    [{ ...track, userId: 'x'.repeat(257) }, 'userId: expected an id of at most 256 bytes of UTF-8'],
    [{ ...track, userId: '\ud800' }, 'userId: expected well-formed Unicode (the id has half of a surrogate pair)'],
    [{ ...track, properties: [1] }, 'properties: expected an object'],
    [{ ...track, context: 'x' }, 'context: expected an object'],
    [{ ...track, timestamp: 'yesterday' }, 'timestamp: expected an ISO 8601 time, such as 2026-01-31T12:00:00.000Z'],
  ])('%# is refused with its reason', (call, reason) => expect(refusalOf(call)).toMatchObject({ code: 'RONDO_EVENT_INVALID', reason }))

  it('is refused alone, and its JSON is kept unchanged', () => {
    const bad = { ...track, event: 7 }
    const { events, refused } = readSegmentBatch({ batch: [track, bad, { ...track, messageId: 'm2' }] }, arrival, newId)
    expect(events.map(({ id }) => id)).toEqual(['m1', 'm2'])
    expect(refused).toEqual([{ index: 1, code: 'RONDO_EVENT_INVALID', reason: expect.any(String), path: 'event', raw: JSON.stringify(bad) }])
  })

  it('is refused before it is read to its end if it is too long or too deep', () => {
    expect(refusalOf({ ...track, properties: { text: 'x'.repeat(70_000) } })).toMatchObject({ code: 'RONDO_EVENT_TOO_LARGE' })
    const deep = JSON.parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)
    expect(refusalOf({ ...track, properties: deep })).toMatchObject({ reason: 'expected at most 32 levels of nesting' })
  })

  it('is not confused with a valid call whose data look like a refusal', () => {
    expect(eventOf({ ...track, properties: { code: 'RONDO_EVENT_INVALID', reason: 'x' } })?.properties).toEqual({ code: 'RONDO_EVENT_INVALID', reason: 'x' })
  })
})

it.each([null, [], 'x', {}, { batch: {} }])('%p is not a batch', (body) => {
  expect(() => readSegmentBatch(body, arrival, newId)).toThrow(expect.objectContaining({ code: 'RONDO_BODY_INVALID' }))
})

it.each([
  { type: 'track', event: 'Visit', userId: 'u' },
  { id: 'h1', event: 'Visit', actor: { type: 'user', id: 'u' }, time: '2026-01-01T00:00:00Z', receivedAt: '2026-01-01T00:00:00Z' },
])('a call, or a row of a history, in place of a batch is led to its path: %j', (body) => {
  expect(() => readSegmentBatch(body, arrival, newId)).toThrow(/is not a batch: .*\/v1\/track; .*PUT \/v1\/backfills\/NAME\.$/)
})
