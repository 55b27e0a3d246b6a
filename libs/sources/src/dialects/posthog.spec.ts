import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { posthogKeyOf, readPosthogCaptures } from './posthog.ts'

const arrival = Date.UTC(2026, 10, 22, 10, 0)
const read = (body: unknown) => readPosthogCaptures(body, arrival, () => 'made')
const capture = { event: 'Song Played', distinct_id: 'u1', uuid: 'e1', timestamp: '2026-11-22T09:00:00Z', properties: { n: 1 } }

describe('a capture', () => {
  it('becomes an event with its id, actor, time and properties', () => {
    const { events, refused } = read({ api_key: 'k', batch: [capture] })
    expect(refused).toEqual([])
    expect(events).toEqual([
      {
        id: 'e1',
        type: 'track',
        event: 'Song Played',
        actor: { type: 'user', id: 'u1' },
        time: '2026-11-22T09:00:00.000Z',
        receivedAt: '2026-11-22T10:00:00.000Z',
        properties: { n: 1 },
      },
    ])
  })

  it.each([
    ['beside its properties', { event: 'a', distinct_id: 'u1' }],
    ['with a dollar sign', { event: 'a', $distinct_id: 'u1' }],
    ['in its properties', { event: 'a', properties: { distinct_id: 'u1', token: 'phc_x' } }],
    ['as a number', { event: 'a', distinct_id: 17 }],
  ])('has its actor %s', (_, one) => {
    const [event] = read(one).events
    expect(event?.actor.id).toMatch(/^(u1|17)$/)
    expect(JSON.stringify(event)).not.toMatch(/phc_x|distinct_id/)
  })

  it.each([
    ['$is_identified is false', { $is_identified: false, $device_id: 'other' }, 'visitor'],
    ['$is_identified is true', { $is_identified: true, $device_id: 'u1' }, 'user'],
    ['its id is that of the device', { $device_id: 'u1' }, 'visitor'],
    ['its id is not that of the device', { $device_id: 'd1' }, 'user'],
    ['it has no device', {}, 'user'],
  ])('is of a visitor or a user: %s', (_, properties, type) => {
    expect(read({ ...capture, properties }).events[0]?.actor).toEqual({ type, id: 'u1' })
    const [set] = read({ event: '$set', distinct_id: 'u1', properties }).events
    expect(set?.actor.type).toBe(type)
  })

  it('is of a user if it identifies one, and keeps the id that the user had as a visitor', () => {
    const properties = { $is_identified: false, $device_id: 'd1', $anon_distinct_id: 'd1' }
    expect(read({ event: '$identify', distinct_id: 'u1', properties }).events[0]).toMatchObject({ actor: { type: 'user', id: 'u1' }, anonymousId: 'd1' })
    const alias = { event: '$create_alias', distinct_id: 'd1', properties: { alias: 'u1', $device_id: 'd1' } }
    expect(read(alias).events[0]).toMatchObject({ actor: { type: 'user', id: 'd1' }, properties: { previousId: 'u1' } })
  })

  it('is read the same alone, in a list and in a batch', () => {
    expect(read(capture)).toEqual(read({ batch: [capture] }))
    expect(read([capture])).toEqual(read({ batch: [capture] }))
  })

  it.each([
    [
      { event: '$identify', properties: { $set: { plan: 'free' }, $set_once: { plan: 'none', since: 1 } } },
      'identify',
      'Identified',
      { plan: 'free', since: 1 },
    ],
    [{ event: '$identify', $set: { plan: 'free' } }, 'identify', 'Identified', { plan: 'free' }],
    [{ event: '$set', properties: { $set: { plan: 'pro' } } }, 'identify', 'Identified', { plan: 'pro' }],
    [{ event: '$pageview', properties: { $current_url: 'https://a/x' } }, 'page', 'Page Viewed', undefined],
    [{ event: '$screen', properties: { $screen_name: 'Home' } }, 'screen', 'Screen Viewed', undefined],
    [{ event: '$groupidentify', properties: { $group_key: 'g1', $group_set: { size: 3 } } }, 'group', 'Grouped', { size: 3 }],
    [{ event: '$create_alias', properties: { alias: 'anon' } }, 'alias', 'Aliased', undefined],
  ])('%j is a %s call', (one, type, name, traits) => {
    const [event] = read({ ...one, distinct_id: 'u1' }).events
    expect(event).toMatchObject({ type, event: name })
    expect(event?.traits).toEqual(traits)
  })

  it('cannot pollute a prototype', () => {
    const event = JSON.parse('{"event":"$set","distinct_id":"u1","$set":{"__proto__":{"polluted":1},"plan":"free"}}')
    expect(Object.entries(read(event).events[0]?.traits ?? {})).toEqual([
      ['__proto__', { polluted: 1 }],
      ['plan', 'free'],
    ])
  })

  it('keeps the id of the other actor, the group and the screen in its properties', () => {
    const properties = (one: object) => read({ ...one, distinct_id: 'u1' }).events[0]?.properties
    expect(properties({ event: '$create_alias', properties: { alias: 'anon' } })).toMatchObject({ previousId: 'anon' })
    expect(properties({ event: '$groupidentify', properties: { $group_key: 'g1' } })).toMatchObject({ groupId: 'g1' })
    expect(properties({ event: '$screen', properties: { $screen_name: 'Home' } })).toMatchObject({ name: 'Home' })
  })

  it('takes its time from the timestamp, corrected by sent_at; else from offset; else from its arrival', () => {
    const timeOf = (one: object, batch: object = {}) => read({ ...batch, batch: [{ event: 'a', distinct_id: 'u1', ...one }] }).events[0]?.time
    expect(timeOf({ timestamp: '2026-11-22T09:00:00Z' }, { sent_at: '2026-11-22T09:30:00Z' })).toBe('2026-11-22T09:30:00.000Z')
    expect(timeOf({ offset: 1500 })).toBe('2026-11-22T09:59:58.500Z')
    expect(timeOf({})).toBe('2026-11-22T10:00:00.000Z')
  })

  it.each([
    [17, 'expected an object'],
    [{ event: 'a' }, 'expected a distinct_id'],
    [{ event: 'a', distinct_id: true }, 'distinct_id: expected a string or a number'],
    [{ event: 'a', distinct_id: 'u1', uuid: {} }, 'uuid: expected a string or a number'],
    [{ event: 'a', distinct_id: 'u1', properties: [] }, 'properties: expected an object'],
    [{ event: '', distinct_id: 'u1' }, 'event: expected a name of 1 to 1024 characters'],
    [{ event: 'a', distinct_id: 'u1', timestamp: 'soon' }, expect.stringContaining('timestamp')],
  ])('%j is refused alone', (bad, reason) => {
    const { events, refused } = read({ batch: [capture, bad] })
    expect(events).toHaveLength(1)
    expect(refused).toMatchObject([{ index: 1, code: 'RONDO_EVENT_INVALID', reason }])
  })
})

it.each([['text'], [17], [null], [{ batch: {} }]])('%j is not a body of captures', (body) => {
  expect(() => read(body)).toThrow(expect.objectContaining({ code: 'RONDO_BODY_INVALID' }))
})

it('every capture of any body is an event or a refusal', () => {
  const capture = fc.record(
    {
      event: fc.oneof(fc.string(), fc.constantFrom('$identify', '$screen')),
      distinct_id: fc.jsonValue(),
      properties: fc.jsonValue(),
      timestamp: fc.jsonValue(),
      uuid: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(capture, fc.jsonValue())), (batch) => {
      const { events, refused } = read({ batch })
      expect(events.length + refused.length).toBe(batch.length)
    }),
  )
})

it('the key is api_key or token: of the body, of its first capture, or of the properties of the first capture', () => {
  expect(posthogKeyOf({ api_key: 'k', batch: [] })).toBe('k')
  expect(posthogKeyOf({ token: 'k' })).toBe('k')
  expect(posthogKeyOf([{ properties: { token: 'k' } }])).toBe('k')
  expect(posthogKeyOf('k')).toBeUndefined()
})
