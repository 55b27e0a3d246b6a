import { describe, expect, it } from '@jest/globals'
import { type CycleDefinition, cycleDefinitionSchema, type Output, outputSchema } from '#contracts'
import { DAY, timeOf as day, event, storiesOf, tick } from '../../../../test/fixtures/given.ts'

const definition: CycleDefinition = cycleDefinitionSchema.parse({
  cycle: 'shop',
  version: 3,
  actor: 'user',
  grace: '20d',
  stages: [
    { id: 'new', kind: 'active', absence: '10d', warning: 0.5 },
    { id: 'regular', kind: 'active', absence: '10d' },
    { id: 'gone', kind: 'lapsed' },
  ],
  signals: { visit: { event: 'Visit' }, order: { event: 'Order' } },
  measures: {
    orders: { count: 'order', within: '3d' },
    spent: { sum: 'order', of: 'properties.total' },
    sinceNew: { count: 'order', since: 'stage' },
    coupon: { last: 'order', of: 'properties.coupon' },
    unnamed: { count: 'visit' },
  },
  transitions: [
    { id: 'came', from: ['start', 'gone'], to: 'new', trigger: 'any' },
    {
      id: 'grew',
      from: 'new',
      to: 'regular',
      trigger: ['order', 'visit'],
      when: { orders: { gte: 2 }, any: [{ spent: { gt: 5 } }, { sinceNew: { gte: 1 } }], coupon: { ne: 'none' }, 'properties.total': { gt: 0 } },
    },
    { id: 'faded', from: 'regular', to: 'new', when: { orders: { lt: 2 } } },
    { id: 'left', from: ['new', 'regular'], to: 'gone', trigger: 'absence', when: { spent: { gte: 0 } } },
    { id: 'archived', from: 'gone', to: 'regular', after: '90d', cause: 'final' },
  ],
})

const given = storiesOf(definition)
/** An order on a day of the story, with its total. */
const order = (day: number, total: number, parts: Parameters<typeof event>[1] = {}) => event(day, { event: 'Order', properties: { total }, ...parts })

describe('the evidence of a transition (rule 21)', () => {
  it('of an event has the id, the signal, the values of measures and their recent events', () => {
    const [grew] = given(event(0), order(1, 4)).when(order(2, 6.5)).outputs
    expect(grew).toMatchObject({ kind: 'advance', from: 'new', to: 'regular', rule: 'grew', cause: 'order', at: day(2), noticedAt: day(2), dwellMs: 2 * DAY })
    expect(grew?.evidence).toEqual({
      measures: { orders: 2, spent: 10.5, sinceNew: 2, coupon: null },
      event: 'e2',
      recent: { orders: ['e2', 'e1'], spent: ['e2', 'e1'], sinceNew: ['e2', 'e1'], coupon: ['e2', 'e1'] },
      deadline: null,
    })
    expect(grew).toMatchObject({ cycle: 'shop', version: 3, generation: 1, actor: { type: 'user', id: 'one' }, origin: 'live', seq: 2 })
  })

  it('of the first event has no dwell time', () => {
    const [came] = given(event(0, { arrives: 0.5 })).outputs
    expect(came).toMatchObject({ from: 'start', cause: 'visit', at: day(0), noticedAt: day(0.5), dwellMs: null })
    expect(came?.evidence).toEqual({ measures: {}, event: 'e0', recent: {}, deadline: null })
  })

  it('has at most eight recent events, newest first, only those in the window or since the stage', () => {
    const many = Array.from({ length: 12 }, (_, n) => order(4 + n / 100, 1, { id: `o${n}`, properties: { total: n === 11 ? 1 : 0 } }))
    const [grew] = given(order(0, 1, { id: 'first' })).when(...many).outputs
    expect(grew?.evidence.measures).toMatchObject({ orders: 12, sinceNew: 12 })
    expect(grew?.evidence.recent['orders']).toEqual(['o11', 'o10', 'o9', 'o8', 'o7', 'o6', 'o5', 'o4'])
    const [few] = given(order(0, 1, { id: 'first' })).when(order(4, 0, { id: 'a' }), order(5, 9, { id: 'b' })).outputs
    expect(few?.evidence.recent).toMatchObject({ orders: ['b', 'a'], spent: ['b', 'a', 'first'], sinceNew: ['b', 'a'] })
  })

  it('of an absence has the deadline and the last activity', () => {
    const [notice, left] = given(event(0)).when(tick(5.5), tick(11)).outputs
    expect(notice).toMatchObject({ kind: 'notice', from: 'new', to: 'new', rule: 'left', cause: 'absence', at: day(5), noticedAt: day(5.5), dwellMs: 5 * DAY })
    expect(left).toMatchObject({
      kind: 'disengage',
      from: 'new',
      to: 'gone',
      rule: 'left',
      cause: 'absence',
      at: day(10),
      noticedAt: day(11),
      dwellMs: 10 * DAY,
    })
    const evidence = { measures: { spent: 0 }, event: null, recent: { spent: [] } }
    expect(notice?.evidence).toEqual({ ...evidence, deadline: day(5), silentSince: day(0) })
    expect(left?.evidence).toEqual({ ...evidence, deadline: day(10), silentSince: day(0) })
  })

  it('of a run-out and of an after rule has the deadline', () => {
    const [faded, notice, left, archived] = given(event(0), order(0, 1, { id: 'a' }), order(0, 1, { id: 'b' })).when(tick(110)).outputs
    expect(faded).toMatchObject({ rule: 'faded', cause: 'run-out', kind: 'regress', at: day(3), noticedAt: day(110), dwellMs: 3 * DAY })
    expect(faded?.evidence).toEqual({ measures: { orders: 0 }, event: null, recent: { orders: [] }, deadline: day(3) })
    expect([notice?.at, left?.at]).toEqual([day(5), day(10)])
    expect(archived).toMatchObject({ rule: 'archived', cause: 'final', at: day(100), dwellMs: 90 * DAY })
    expect(archived?.evidence).toEqual({ measures: {}, event: null, recent: {}, deadline: day(100) })
  })
})

describe('a correction (rule 9)', () => {
  it('retracts the newest output first, and names the causing event and the replaced output', () => {
    const { outputs } = given(event(0), tick(12), event(3, { id: 'late', arrives: 12 }), tick(14))
    const [, notice, left, first, second, third, thirdLeft] = outputs
    expect(outputs.map(({ kind }) => kind)).toEqual(['advance', 'notice', 'disengage', 'retraction', 'retraction', 'notice', 'disengage'])
    expect(outputs.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
    const same = ({ from, to, rule, cause, at }: Output) => ({ from, to, rule, cause, at })
    expect(first).toMatchObject({ ...same(left as Output), retracts: left?.id, because: 'late', dwellMs: null, noticedAt: day(12) })
    expect(second).toMatchObject({ ...same(notice as Output), retracts: notice?.id, because: 'late', dwellMs: null })
    expect(first?.evidence).toEqual({ measures: {}, event: 'late', recent: {}, deadline: null })
    expect(third).toMatchObject({ at: day(8), noticedAt: day(12), because: 'late', corrects: notice?.id, dwellMs: 8 * DAY })
    expect(third?.evidence).toMatchObject({ deadline: day(8), silentSince: day(3) })
    expect(thirdLeft).toMatchObject({ at: day(13), noticedAt: day(14) })
    expect(thirdLeft).not.toHaveProperty('because')
    expect(thirdLeft).not.toHaveProperty('corrects')
  })

  it('retracts an output if another rule leads to the same stage at the same time', () => {
    const stages: CycleDefinition['stages'] = [
      { id: 'new', kind: 'active' },
      { id: 'regular', kind: 'active' },
    ]
    const grew = { from: 'new', to: 'regular', trigger: 'order' }
    const transitions = [
      { id: 'came', from: 'start', to: 'new', trigger: 'any' },
      { id: 'grew-fast', ...grew, when: { unnamed: { gte: 2 } } },
      { id: 'grew', ...grew },
    ]
    const given = storiesOf({ ...definition, stages, transitions })
    given(event(0))
      .when(order(4, 3))
      .then('4 advance new>regular grew')
      .when(event(3, { arrives: 4 }))
      .then('4 retraction new>regular grew', '4 advance new>regular grew-fast')
  })

  it('has no corrects if nothing is retracted', () => {
    const [grew] = given(event(0), order(4, 3)).when(order(3, 3, { id: 'late', arrives: 4 })).outputs
    expect(grew).toMatchObject({ kind: 'advance', rule: 'grew', at: day(4), because: 'late' })
    expect(grew).not.toHaveProperty('corrects')
  })
})

describe('an output', () => {
  it('has different ids in different generations, and equal ids in equal runs', () => {
    const ids = (generation: number): string[] => storiesOf(definition, { generation })(event(0), tick(11)).outputs.map(({ id }) => id)
    expect(new Set([...ids(1), ...ids(2)]).size).toBe(6)
    expect(ids(1)).toEqual(ids(1))
    expect(storiesOf(definition, { generation: 2 })(event(0)).outputs[0]?.generation).toBe(2)
  })

  it('has the origin backfill in a replay, and live otherwise', () => {
    const origins = (replay: boolean) => storiesOf(definition, { replay })(event(0), tick(11)).outputs.map(({ origin }) => origin)
    expect(origins(true)).toEqual(['backfill', 'backfill', 'backfill'])
    expect(origins(false)).toEqual(['live', 'live', 'live'])
  })

  it('has its keys in the order of the schema', () => {
    const order = Object.keys(outputSchema.shape)
    for (const output of given(event(0), tick(12), event(3, { arrives: 12 })).outputs) {
      expect(Object.keys(output)).toEqual(order.filter((key) => key in output))
    }
  })
})
