import { describe, expect, it } from '@jest/globals'
import { compileCycle } from '../compile/compile-cycle.ts'
import { readDefinition } from '../definition/read-definition.ts'
import { EventSurvey } from '../events/event-survey.ts'
import { describeLate, describeRemarks, type SharedIds } from './describe-remarks.ts'
import { joinRemarks, Remarks } from './remarks.ts'

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

function sentencesOn(events: readonly ReturnType<typeof event>[], sharedIds?: SharedIds): string[] {
  const survey = new EventSurvey(cycle)
  for (const each of events) survey.count(each)
  return survey.describe(sharedIds)
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
    ['Order Complete', 'Order Completed'],
    ['order_completd', 'Order Completed'],
    ['Order Completde', 'Order Completed'],
    ['PageViewer', 'page_viewed'],
  ])('are reported with the nearest name of a signal: %j is not %j', (name, nearest) => {
    expect(new Remarks(cycle).near(name)).toBe(nearest)
    expect(sentencesOn([event(name), event(name)])[0]).toBe(`2 events, none matched a signal; \`${name}\` is not \`${nearest}\`.`)
  })

  it.each(['Order Compete', 'Order Refunded', 'Page Viewed 2', '', 'constructor'])('can have names that are not near to any signal: %j', (name) => {
    expect(new Remarks(cycle).near(name)).toBeUndefined()
  })

  it('are reported if a signal names them and its where does not hold', () => {
    expect(sentencesOn([event('Order Completed'), event('Screen 1')])).toEqual([
      '1 of 2 events matched no signal; `Order Completed` is named by a signal, but its where does not hold.',
      '  Events of no signal: `Order Completed` 1.',
      expect.stringMatching(/^1 event so far in which the definition reads `properties.total`, and none has a value there\. Compare the path/),
    ])
  })

  it('are counted for at most 20 names, and a name near to a signal replaces another one', () => {
    const remarks = new Remarks(cycle)
    for (let n = 0; n < 1000; n++) remarks.sawUnmatched({ event: `event ${n}` })
    for (let n = 0; n < 3; n++) remarks.sawUnmatched({ event: 'order completed' })
    remarks.sawUnmatched({ event: 'x'.repeat(5000) })
    const record = remarks.record()
    expect(record.unmatched.length).toBe(20)
    expect(record.unmatched).toContainEqual(['order completed', 3])
    expect(record.unmatched.reduce((sum, [, events]) => sum + events, record.otherNames)).toBe(1004)
    expect(JSON.stringify(record).length).toBeLessThan(2000)
    expect(describeRemarks(record, { near: remarks.near, events: 2000 })).toEqual([
      '1004 of 2000 events matched no signal; `order completed` is not `Order Completed`.',
      '  Events of no signal: `order completed` 3, `event 1` 1, `event 2` 1, `event 3` 1, `event 4` 1, others 997.',
    ])
  })

  it('are printed without control characters', () => {
    expect(sentencesOn([event('\u001b[2J\u202e')]).join('')).toContain('`\ufffd[2J\ufffd` 1')
  })
})

describe('values that a measure does not count', () => {
  it.each(['120.50', '1,234.50', ' 7 ', '-3', '€ 5', '5 EUR', '1.234,50', '1e3'])('are reported as text that looks like a number: %j', (total) => {
    expect(sentencesOn([event('Order Completed', { total })])).toEqual([
      expect.stringContaining(
        `1 value of \`total\` was text, though it looks like a number: ${JSON.stringify(total)}. Only numbers that are written as in JSON count, such as 1234.5`,
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
  ])('are reported with advice on decimal commas if that helps: %j, %p', (total, isComma) => {
    const [line = ''] = sentencesOn([event('Order Completed', { total }), event('Order Completed', { total: '+7' })])
    expect(line).toMatch(/^2 values of `total` were text, though they look like numbers, such as /)
    expect(line.includes('--decimal-comma')).toBe(isComma)
  })

  it.each(['', 'none', '2026-01-01', 'v1', '1-2', true, {}, null])('are reported as missing or not a number: %j', (total) => {
    const [line] = sentencesOn([event('Order Completed', { total }), event('Order Completed', { total: 5 })])
    expect(line).toMatch(total === null ? /its where does not hold/ : /^1 value of `total` was missing or not a number, and is left out\.$/)
  })

  it('are reported as too large', () => {
    expect(sentencesOn([event('Order Completed', { total: 9e9 + 1 }), event('Order Completed', { total: '12345678901234567890' })])).toEqual([
      expect.stringMatching(/^1 value of `total` was text, though it looks like a number: "12345678901234567890"\./),
      '1 value of `total` is beyond ±9000000000, and is left out.',
    ])
  })
})

describe('the sentence on late events', () => {
  it.each([
    [1, 86_400_000, '1 event came later than the grace of 24 hours after it happened, so it was recorded and never applied.'],
    [2, 3_600_000, '2 events came later than the grace of 60 minutes after they happened, so they were recorded and never applied.'],
    [3, 7 * 86_400_000, '3 events came later than the grace of 7 days after they happened, so they were recorded and never applied.'],
    [3, 5_400_000, '3 events came later than the grace of 90 minutes after they happened, so they were recorded and never applied.'],
  ])('names the grace period: %d events, %d ms', (events, graceMs, words) => {
    expect(describeLate(events, graceMs)).toEqual([words])
    expect(describeRemarks(new Remarks(cycle).record(), { near: () => undefined, events, late: { events, graceMs } })).toEqual([words])
  })

  it('is left out if there are no late events', () => {
    expect(describeLate(0, 1000)).toEqual([])
  })
})

describe('text that a where compares with a number', () => {
  const where = (text: string) => {
    const { definition } = readDefinition(TEXT.replace('{ properties.total: { exists: true } }', text), 'c.yaml')
    if (definition === undefined) throw new Error(text)
    return compileCycle(definition)
  }
  const textsIn = (text: string, properties: object) => {
    const remarks = new Remarks(where(text))
    remarks.sawUnmatched(event('Order Completed', properties))
    return remarks.record().texts
  }

  it.each([
    ['{ properties.dollars: { gt: 0 } }', { dollars: '120.50' }],
    ['{ properties.dollars: 12 }', { dollars: '12' }],
    ['{ properties.dollars: { in: [1, 2] } }', { dollars: '1' }],
    ['{ any: [{ properties.dollars: { gt: 0 } }, { all: [{ properties.dollars: { lt: -5 } }] }] }', { dollars: '1.234,50' }],
  ])('is counted once for each event: %s', (text, properties) => {
    expect(textsIn(text, properties)).toEqual({ 'properties.dollars': { events: 1, example: properties.dollars } })
  })

  it.each([
    ['{ properties.dollars: { gt: 0 } }', { dollars: 0 }],
    ['{ properties.dollars: { gt: 0 } }', { dollars: 'none' }],
    ['{ properties.dollars: { gt: "0" } }', { dollars: '-1' }],
    ['{ properties.kind: a, not: { properties.dollars: { gt: 0 } } }', { dollars: '5' }],
    ['{ properties.dollars: { ne: 5, gt: "6" } }', { dollars: '5' }],
  ])('is not counted with where %s and properties %j', (text, properties) => {
    expect(textsIn(text, properties)).toEqual({})
  })

  it('is reported with the first value as an example', () => {
    const survey = new EventSurvey(where('{ properties.dollars: { gt: 0 } }'))
    for (const dollars of ['120.50', '7', 0]) survey.count(event('Order Completed', { dollars }))
    expect(survey.describe()).toEqual([
      '3 events, none matched a signal; `Order Completed` is named by a signal, but its where does not hold.',
      '  Events of no signal: `Order Completed` 3.',
      '  In 2 of these events `properties.dollars` is text (such as "120.50"); the where of a signal compares it with a number, and text is never one.',
      expect.stringContaining('3 events so far in which the definition reads `properties.total`, and none'),
    ])
  })
})

describe('suspicious events', () => {
  it('are reported with blank names in quotes', () => {
    expect(sentencesOn([event(' '), event('')])).toEqual(['2 events, none matched a signal.', '  Events of no signal: " " 1, "" 1.'])
  })

  it('are reported for suspicious actor ids and for shared event ids', () => {
    expect(
      sentencesOn([event('Screen 1', {}, 'null'), event('Screen 1', {}, 'NULL'), event('Screen 1', {}, ' '), event('Screen 1', {}, '0')], {
        dropped: 7,
        applied: 1,
      }),
    ).toEqual([
      '7 events have the id of an earlier event of the same actor, and another name, time or properties: one id of an actor means one event, so they were dropped as copies.',
      '1 event has the id of an earlier event of another actor: ids count for each actor, so it was applied.',
      'Some actor ids look like a missing id, so that events of many people may count as those of one: "0": 1 event, "null": 2 events, only spaces: 1 event.',
    ])
  })

  it('have no sentence if all events are normal', () => {
    expect(sentencesOn([event('Screen 1'), event('page_viewed'), event('Order Completed', { total: 1.5 })])).toEqual([])
  })
})

describe('remarks', () => {
  it('continue from a stored record', () => {
    const [first, second, all] = [new Remarks(cycle), new Remarks(cycle), new Remarks(cycle)]
    const see = (remarks: Remarks): void => {
      remarks.sawUnmatched({ event: 'a' })
      remarks.sawSkipped(0, '5')
      remarks.sawActor('null')
    }
    see(first)
    see(all)
    see(second)
    second.load(JSON.parse(JSON.stringify(first.record())))
    see(second)
    see(all)
    expect(second.record()).toEqual(all.record())
    expect(joinRemarks([first.record(), first.record()])).toEqual(all.record())
  })
})
