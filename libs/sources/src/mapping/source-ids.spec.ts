import { describe, expect, it } from '@jest/globals'
import { type ActivityEvent, activityEventSchema, sourceListSchema } from '#contracts'
import { recordMapper } from './map-record.ts'

const AT = Date.parse('2026-03-01T12:00:00.000Z')
const own = { event: 'Beat', actor: { id: 'u1' }, time: '2026-03-01T12:00:00Z' }
const call = { type: 'track', userId: 'u1', event: 'Beat', timestamp: '2026-03-01T12:00:00Z' }
const cloud = { specversion: '1.0', type: 'Beat', subject: 'u1', time: '2026-03-01T12:00:00Z' }

function mapped(definition: object, value: unknown, offset = 17): { events: readonly ActivityEvent[]; reasons: string[] } {
  const [source] = sourceListSchema.parse({ sources: [definition] }).sources as [never]
  const record = { topic: (definition as { topic: string }).topic, partition: 3, offset, key: null, headers: {}, timestamp: AT, isAppendTime: true }
  const { events, quarantine } = recordMapper(source)({ ...record, value: Buffer.from(JSON.stringify(value)) }, AT)
  for (const event of events) activityEventSchema.parse(event)
  return { events, reasons: quarantine.map(({ reason }) => reason) }
}
const idsOf = (definition: object, value: unknown): string[] => mapped(definition, value).events.map(({ id }) => id)

const orders = { name: 'orders', topic: 'shop.orders', map: { id: 'nr' } }
const refunds = { name: 'refunds', topic: 'shop.refunds', map: { id: 'nr' } }

describe('an id', () => {
  // Two tables may both number their rows from 1. Without the name of the source, the second event would be dropped as a copy of the first.
  it.each([1, '1', 0, '653247040368672769'])('%p of one source is not that of another', (nr) => {
    const [one, other] = [idsOf(orders, { ...own, nr }), idsOf(refunds, { ...own, nr })]
    expect([one, other]).toEqual([[`orders:${nr}`], [`refunds:${nr}`]])
  })

  it.each([
    ['segment', { messageId: '1', ...call }, 'web:1'],
    ['cloudevents', { id: '1', source: '/a', ...cloud }, 'web:/a#1'],
    ['json', { id: '1', ...own }, 'web:1'],
  ])('is unique within its source in the format %s, or everywhere if the source declares it', (format, value, id) => {
    const web = { name: 'web', topic: 'calls', format }
    expect(idsOf(web, value)).toEqual([id])
    expect(idsOf({ ...web, idScope: 'source' }, value)).toEqual([id])
    expect(idsOf({ ...web, idScope: 'global' }, value)).toEqual([id.replace('web:', '')])
  })

  it('is made from the place of a record such that it never equals an id that a record contains', () => {
    const [place = ''] = idsOf(orders, own)
    expect(place).toBe('orders@shop.orders-3-17')
    const ids = [place, 'orders@shop.orders-3-17', '@shop.orders-3-17', 'shop.orders-3-17']
    expect(ids.flatMap((nr) => idsOf(orders, { ...own, nr }))).not.toContain(place)
    expect(idsOf({ ...orders, idScope: 'global' }, own)).toEqual([place])
    const web = { name: 'web', topic: 'calls', format: 'segment' }
    const batch = { batch: [call, { ...call, messageId: 'web@calls-3-17-0' }, call] }
    expect(idsOf(web, batch)).toEqual(['web@calls-3-17-0', 'web:web@calls-3-17-0', 'web@calls-3-17-2'])
  })

  it('is replaced by its hash if it is too long with the name before it, and stays different from other ids', () => {
    const long = (last: string): string => `${'é'.repeat(125)}${last}`
    const ids = ['a', 'b', 'a'].flatMap((last) => idsOf(orders, { ...own, nr: long(last) }))
    expect(ids[0]).toMatch(/^orders#[\w-]{43}$/)
    expect(new Set(ids).size).toBe(2)
    expect(ids[2]).toBe(ids[0])
    const fits = 'x'.repeat(256 - 'orders:'.length)
    expect(idsOf(orders, { ...own, nr: fits })).toEqual([`orders:${fits}`])
    expect(idsOf({ ...orders, topic: 't'.repeat(220), name: 'n'.repeat(64) }, own)[0]).toMatch(/^n{64}#[\w-]{43}$/)
  })

  it.each([
    ['empty', '', /non-empty/],
    ['longer than an id may be', 'x'.repeat(257), /256 bytes/],
    ['half of a surrogate pair', `${'x'.repeat(252)}\ud800`, /well-formed/],
  ])('that is %s is refused, not hidden behind the name', (_, nr, reason) => {
    expect(mapped(orders, { ...own, nr })).toEqual({ events: [], reasons: [expect.stringMatching(reason)] })
  })
})
