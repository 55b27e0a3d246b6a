import { describe, expect, it } from '@jest/globals'
import type { ActivityEvent, QuarantineRecord, Repair } from '#contracts'
import { readSegmentBatch } from '../dialects/segment-batch.ts'
import { Refusal } from '../rows/refusal.ts'
import { readAgain } from './read-again.ts'

const REFUSED_AT = '2026-03-01T12:00:00.000Z'
const NOW = Date.parse('2026-03-02T00:00:00Z')

const record = (raw: unknown, more: Partial<QuarantineRecord> = {}): QuarantineRecord => ({
  code: 'RONDO_EVENT_INVALID',
  reason: 'it does not fit',
  where: 'POST /v1/batch, index 0',
  refusedAt: REFUSED_AT,
  raw: typeof raw === 'string' ? raw : JSON.stringify(raw),
  ...more,
})
const read = (kept: QuarantineRecord, repair?: Repair): ActivityEvent | Refusal => readAgain({ record: kept, madeId: 'made', now: NOW }, repair)
const eventOf = (kept: QuarantineRecord, repair?: Repair): ActivityEvent => {
  const event = read(kept, repair)
  if (event instanceof Refusal) throw new TypeError(event.reason)
  return event
}
const reasonOf = (kept: QuarantineRecord, repair?: Repair): string => {
  const refusal = read(kept, repair)
  return refusal instanceof Refusal ? refusal.reason : `accepted ${refusal.id}`
}

const call = { type: 'track', event: 'Visit', userId: 'ann', messageId: 'm1' }

describe('a refused event that is read again', () => {
  it('has the arrival of its refusal: without a time it happened then, and the error of its sender’s clock is corrected', () => {
    expect(eventOf(record(call, { form: 'segment' }))).toMatchObject({ id: 'm1', event: 'Visit', actor: { type: 'user', id: 'ann' }, time: REFUSED_AT })
    const timed = { ...call, timestamp: '2026-03-01T13:00:00Z' }
    const batch = { sentAt: '2026-03-01T13:00:10Z', context: { app: 'shop' } }
    const expected = { time: '2026-03-01T11:59:50.000Z', context: { app: 'shop' } }
    expect(eventOf(record(timed, { form: 'segment', batch }))).toMatchObject(expected)
    expect(readSegmentBatch({ batch: [timed], ...batch }, Date.parse(REFUSED_AT), () => 'made').events).toMatchObject([expected])
  })

  it.each([
    ['segment', { event: 'Visit', userId: 'ann' }, { call: 'track' }],
    ['posthog', { event: 'Visit', distinct_id: 'ann' }, {}],
    ['cloudevents', { specversion: '1.0', id: 'c1', source: 's', type: 'Visit', subject: 'ann' }, {}],
    ['event', { event: 'Visit', actor: { type: 'user', id: 'ann' }, time: REFUSED_AT }, {}],
    ['source', { event: 'Visit', actor: { id: 'ann' }, time: REFUSED_AT }, {}],
  ] as const)('in the form %s becomes the event that it is', (form, raw, more) => {
    expect(eventOf(record(raw, { form, ...more }))).toMatchObject({ event: 'Visit', actor: { type: 'user', id: 'ann' }, time: REFUSED_AT })
  })

  it.each([
    ['POST /v1/batch, index 3', call],
    ['POST /capture, index 0', { event: 'Visit', distinct_id: 'ann', uuid: 'm1' }],
    ['import, row 7', { id: 'm1', event: 'Visit', actor: { type: 'user', id: 'ann' }, time: REFUSED_AT }],
    ['calls.ndjson:7', call],
    ['activity partition 0, offset 3, index 1', { id: 'm1', event: 'Visit', actor: { type: 'user', id: 'ann' }, time: REFUSED_AT }],
  ])('of an older release is recognized by its place: %s', (where, raw) => {
    expect(eventOf(record(raw, { where }))).toMatchObject({ id: 'm1', event: 'Visit', actor: { id: 'ann' } })
  })

  it('has an id within its source, and one that was made for it where it has none', () => {
    expect(eventOf(record(call, { form: 'segment', idPrefix: 'orders:', source: 'shop.orders' }))).toMatchObject({ id: 'orders:m1', source: 'shop.orders' })
    expect(eventOf(record({ ...call, messageId: null }, { form: 'segment', idPrefix: 'orders:' })).id).toBe('made')
    expect(reasonOf(record({ ...call, messageId: 'x'.repeat(250) }, { form: 'segment', idPrefix: 'orders:' }))).toContain('at most 256 bytes')
  })

  it('of a topic may be the only call of its batch, whose context it has', () => {
    expect(eventOf(record({ batch: [call], context: { app: 'shop' } }, { form: 'segment' }))).toMatchObject({ id: 'm1', context: { app: 'shop' } })
  })

  it.each([
    ['{"type":', 'expected JSON'],
    ['\u0000\ufffd', 'expected JSON'],
    ['[]', 'expected an object'],
    ['null', 'expected an object'],
    [`${'['.repeat(100_000)}`, 'only 65536 characters'],
    [`{"type":"track","event":"Visit","userId":"ann","properties":${'['.repeat(40)}${']'.repeat(40)}}`, '32 levels of nesting'],
    ['{"type":"track","event":"Visit","userId":"\\ud800"}', 'well-formed'],
    ['{"type":"track","event":"Visit","userId":"ann","properties":{"n":1e400}}', 'up to 1.8e308'],
  ])('is refused again for what it is: %.30s', (raw, reason) => {
    expect(reasonOf(record(raw, { form: 'segment' }))).toContain(reason)
    expect(reasonOf(record(raw, { form: 'segment' }), { map: { context: { text: 'c' } } })).not.toContain('accepted')
  })

  it('of a file of rows is imported again, not here', () => expect(reasonOf(record('ann,2026', { form: 'row' }))).toContain('import it'))
})

describe('a repair', () => {
  const broken = { type: 'track', messageId: 'm1', properties: { customer: 'ann', what: 'Visit', when: '31/12/2025 18:00', amount: 3, '': 1 } }
  const kept = record(broken, { form: 'segment' })

  it('maps the parts of the event in each form', () => {
    const map = { actor: 'a', event: 'e', time: 't', id: { join: ['x', 'y'] }, actorType: { text: 'musician' } }
    const raw = { a: 'ann', e: 'Visit', t: '2026-01-01T00:00:00Z', x: 1, y: 2, type: 'track', specversion: '1.0', source: 's' }
    for (const form of ['segment', 'posthog', 'event', 'source', 'cloudevents'] as const) {
      const repair = { map, ...(form === 'event' ? { remove: ['a', 'e', 't', 'x', 'y', 'specversion', 'source'] } : {}) }
      const { id, ...event } = eventOf(record(raw, { form }), repair)
      expect([form, id]).toEqual([form, form === 'cloudevents' ? 's#1#2' : '1#2'])
      expect([form, event]).toMatchObject([form, { event: 'Visit', actor: { type: 'musician', id: 'ann' }, time: '2026-01-01T00:00:00.000Z' }])
    }
  })

  it('sets, renames and removes fields, all from the event as it came', () => {
    const repair: Repair = {
      map: { actor: 'properties.customer', event: 'properties.what' },
      set: {
        'properties.customer': 'properties.what',
        'properties.what': 'properties.customer',
        '/properties/a~1b': { text: 'x' },
        'properties.none': 'nowhere',
      },
      remove: ['properties.when', 'properties.not.there', '/properties/'],
    }
    expect(eventOf(kept, repair)).toMatchObject({ event: 'Visit', actor: { id: 'ann' } })
    expect(eventOf(kept, repair).properties).toEqual({ customer: 'Visit', what: 'ann', amount: 3, 'a/b': 'x' })
  })

  it('reads a time in its format and zone, without the correction of the sender’s clock', () => {
    const map = { actor: 'properties.customer', event: 'properties.what' }
    const timed = { ...kept, batch: { sentAt: '2026-03-01T12:10:00Z' } }
    const withTime = eventOf(timed, { map: { ...map, time: 'properties.when' }, timeFormat: 'DD/MM/YYYY HH:mm', timezone: 'Europe/Berlin' })
    expect(withTime.time).toBe('2025-12-31T17:00:00.000Z')
    expect(eventOf(timed, { map: { ...map, time: '$timestamp' } }).time).toBe(REFUSED_AT)
    expect(reasonOf(timed, { map: { ...map, time: 'properties.what' } })).toContain('expected an ISO 8601 time')
    const own = record({ ...call, timestamp: '31/12/2025 18:00' }, { form: 'segment' })
    expect(eventOf(own, { timeFormat: 'DD/MM/YYYY HH:mm' }).time).toBe('2025-12-31T18:00:00.000Z')
  })

  it('names the part that it does not find, or that the form does not have', () => {
    expect(reasonOf(kept, { map: { actor: ['properties.who', 'userId'] } })).toBe('actor: expected a value at properties.who or userId, found none')
    expect(reasonOf(record({}, { form: 'posthog' }), { map: { context: { text: 'x' } } })).toBe('map.context: an event of the form posthog has no such part')
    expect(reasonOf(kept, { map: { actorType: 'properties.amount' } })).toBe('actorType: expected a string')
  })

  it('cannot change the prototype of anything', () => {
    const event = eventOf(kept, {
      map: { actor: { text: 'ann' }, event: { text: 'Visit' } },
      set: { '/properties/__proto__/polluted': { text: 'yes' }, '/__proto__/polluted': { text: 'yes' } },
    })
    expect(Object.hasOwn(event.properties ?? {}, '__proto__')).toBe(true)
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })
})
