import { describe, expect, it } from '@jest/globals'
import { compileCycle } from '../compile/compile-cycle.ts'
import { readDefinition } from '../definition/read-definition.ts'
import { EventSurvey } from '../events/event-survey.ts'
import { joinRemarks, Remarks } from './remarks.ts'
import { sayRemarks } from './say-remarks.ts'

const TEXT = `
cycle: c
version: 1
actor: user
stages: [{ id: x, kind: active }]
signals:
  order: { event: Order Completed, where: { properties.total: { exists: true } } }
  visit: { event: [page_viewed, "Screen *"] }
measures:
  total: { sum: order, of: properties.total }
transitions: [{ id: t, from: start, to: x, trigger: [order, visit], when: { total: { gte: 0 } } }]
`
const reading = readDefinition(TEXT, 'c.yaml')
if (reading.definition === undefined) throw new Error(JSON.stringify(reading.defects))
const cycle = compileCycle(reading.definition)
const event = (name: string, properties: object = {}, actorId = 'u') => ({ event: name, actorType: 'user', actorId, properties: { ...properties } })

function said(events: readonly ReturnType<typeof event>[], idClashes = 0): string[] {
  const survey = new EventSurvey(cycle)
  for (const each of events) survey.take(each)
  return survey.say(idClashes)
}

describe('events that no signal matches', () => {
  it.each([
    ['order completed', 'Order Completed'],
    ['ORDER COMPLETED', 'Order Completed'],
    ['order_completed', 'Order Completed'],
    ['order-completed', 'Order Completed'],
    ['OrderCompleted', 'Order Completed'],
    [' Order  Completed\u00a0', 'Order Completed'],
    ['Page Viewed', 'page_viewed'],
    ['page_viewed\u200b', 'page_viewed'],
  ])('are told of by what they come near: %j is not %j', (name, meant) => {
    expect(new Remarks(cycle).near(name)).toBe(meant)
    expect(said([event(name), event(name)])[0]).toBe(`2 events, none matched a signal; \`${name}\` is not \`${meant}\`.`)
  })

  it.each(['Order Complete', 'Order Refunded', '', 'constructor'])('and come near nothing are told of as they are: %j', (name) => {
    expect(new Remarks(cycle).near(name)).toBeUndefined()
  })

  it('although a signal names them are told of as such', () => {
    expect(said([event('Order Completed'), event('Screen 1')])).toEqual([
      '1 of 2 events matched no signal; `Order Completed` is named by a signal, but its where does not hold.',
      '  Events of no signal: `Order Completed` 1.',
    ])
  })

  it('are counted by name as far as that is bounded, and one that comes near a signal has a place', () => {
    const remarks = new Remarks(cycle)
    for (let n = 0; n < 1000; n++) remarks.sawUnmatched(`event ${n}`)
    for (let n = 0; n < 3; n++) remarks.sawUnmatched('order completed')
    remarks.sawUnmatched('x'.repeat(5000))
    const record = remarks.record()
    expect(record.unmatched.length).toBe(20)
    expect(record.unmatched).toContainEqual(['order completed', 3])
    expect(record.unmatched.reduce((sum, [, events]) => sum + events, record.otherNames)).toBe(1004)
    expect(JSON.stringify(record).length).toBeLessThan(2000)
    expect(sayRemarks(record, { near: remarks.near, events: 2000 })).toEqual([
      '1004 of 2000 events matched no signal; `order completed` is not `Order Completed`.',
      '  Events of no signal: `order completed` 3, `event 1` 1, `event 2` 1, `event 3` 1, `event 4` 1, others 997.',
    ])
  })

  it('cannot steer a terminal', () => {
    expect(said([event('\u001b[2J\u202e')]).join('')).toContain('`\ufffd[2J\ufffd` 1')
  })
})

describe('values that are left out', () => {
  it.each(['120.50', '1,234.50', ' 7 ', '-3', '€ 5', '5 EUR', '1.234,50', '1e3'])('and look like numbers, such as %j, are told of', (total) => {
    expect(said([event('Order Completed', { total })])).toEqual([
      expect.stringContaining(
        `1 value of \`total\` was text, though it looks like a number: ${JSON.stringify(total)}. Only numbers count that are written as in JSON, such as 1234.5`,
      ),
    ])
  })

  it.each([
    ['1.234,50', true],
    ['120,5', true],
    ['-1.000.000,50', true],
    ['1,234.50', false],
    ['+150', false],
    ['150.', false],
  ])('such as %j get the advice about a comma where it decides: %p', (total, isComma) => {
    const [line = ''] = said([event('Order Completed', { total }), event('Order Completed', { total: '+7' })])
    expect(line).toMatch(/^2 values of `total` were text, though they look like numbers, such as /)
    expect(line.includes('--decimal-comma')).toBe(isComma)
  })

  it.each(['', 'none', '2026-01-01', 'v1', '1-2', true, {}, null])('and do not, such as %j, are told of otherwise', (total) => {
    const [line] = said([event('Order Completed', { total }), event('Order Completed', { total: 5 })])
    expect(line).toMatch(total === null ? /its where does not hold/ : /^1 value of `total` was missing or no number, and is left out\.$/)
  })

  it('because they are too large are told of too, whether written as a number or beyond 2^53', () => {
    expect(said([event('Order Completed', { total: 9e9 + 1 }), event('Order Completed', { total: '12345678901234567890' })])).toEqual([
      expect.stringMatching(/^1 value of `total` was text, though it looks like a number: "12345678901234567890"\./),
      '1 value of `total` lies beyond ±9000000000, and is left out.',
    ])
  })
})

describe('what looks wrong', () => {
  it('is said of actor ids and of ids that many events share', () => {
    expect(said([event('Screen 1', {}, 'null'), event('Screen 1', {}, 'NULL'), event('Screen 1', {}, ' ')], 7)).toEqual([
      'Suspicious actor ids, under each of which many may have become one: null 2, blank 1 event.',
      '7 events have the id of an earlier one of another name or actor: one id means one event, and copies are dropped.',
    ])
  })

  it('is nothing where all is well', () => {
    expect(said([event('Screen 1'), event('page_viewed'), event('Order Completed', { total: 1.5 })])).toEqual([])
  })
})

describe('remarks', () => {
  it('go on from what was kept, as plain data', () => {
    const [first, second, whole] = [new Remarks(cycle), new Remarks(cycle), new Remarks(cycle)]
    const see = (remarks: Remarks): void => {
      remarks.sawUnmatched('a')
      remarks.sawSkipped(0, '5')
      remarks.sawActor('null')
    }
    see(first)
    see(whole)
    see(second)
    second.resume(JSON.parse(JSON.stringify(first.record())))
    see(second)
    see(whole)
    expect(second.record()).toEqual(whole.record())
    expect(joinRemarks([first.record(), first.record()])).toEqual(whole.record())
  })
})
