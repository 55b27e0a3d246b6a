import type { Examples } from './example.ts'

const at = '2026-03-01T12:00:00.000Z'

const scenario = {
  title: 'thirty days of silence and a moment more',
  given: [
    { at: '2026-03-01T12:00:00Z', event: 'Order Completed', properties: { total: 10 } },
    { at: '2026-04-01T00:00:00Z', tick: true },
  ],
  // biome-ignore lint/suspicious/noThenProperty: the format names it so; a scenario is data and never awaited
  then: [
    { at: '2026-03-01T12:00:00Z', from: 'start', to: 'customer', rule: 'first-order' },
    { at: '2026-03-31T12:00:00Z', to: 'away', cause: 'absence' },
  ],
}

const definition = {
  cycle: 'shopper',
  version: 1,
  actor: 'user',
  timezone: 'Europe/Berlin',
  grace: '1h',
  stages: [
    { id: 'customer', title: 'Customer', kind: 'active', absence: { usual: 0.95, floor: '3d', ceiling: '60d' }, warning: 0.7 },
    { id: 'away', kind: 'lapsed' },
  ],
  signals: { order: { event: ['Order Completed', 'Purchase*'], where: { 'properties.total': { gt: 0 } }, driver: 'personal' } },
  measures: { orders_30d: { count: 'order', within: '30d' } },
  transitions: [
    { id: 'first-order', from: 'start', to: 'customer', trigger: 'order' },
    { id: 'silence', from: 'active', to: 'away', trigger: 'absence', cause: 'silent' },
    { id: 'back', from: 'lapsed', to: 'previous', trigger: 'any', when: { any: [{ orders_30d: { gte: 1 } }, { not: { event: 'Refund' } }] } },
  ],
  scenarios: [scenario],
}

/** Examples of the parts of a cycle definition. */
export const definitionExamples: Readonly<Record<string, Examples>> = {
  durationSchema: {
    good: ['30d', '48h', '0s', '500ms', '2w'],
    bad: [
      ['30', ''],
      ['1.5h', ''],
      ['-1d', ''],
      ['P30D', ''],
      ['36526d', ''],
      [30, ''],
    ],
  },
  nameSchema: {
    good: ['orders_30d', 'win-back', 'a'],
    bad: [
      ['', ''],
      ['orders.total', ''],
      ['30days', ''],
      ['with space', ''],
      ['n'.repeat(65), ''],
    ],
  },
  operatorsSchema: {
    good: [{ gte: 1, lt: 5 }, { in: ['a', null, true] }, { exists: false }, { matches: 'order-[0-9]+' }, {}],
    bad: [
      [{ gt: true }, 'gt'],
      [{ in: [] }, 'in'],
      [{ exists: 'yes' }, 'exists'],
      [{ above: 3 }, ''],
    ],
  },
  conditionSchema: {
    good: [{ orders_30d: 2 }, { 'properties.total': { gt: 0 }, event: 'Order' }, { all: [{ a: 1 }, { any: [{ b: null }, { not: { c: { ne: 'x' } } }] }] }],
    bad: [
      [{ all: [] }, 'all'],
      [{ any: { a: 1 } }, 'any'],
      [{ not: [{ a: 1 }] }, 'not'],
      [{ orders: { above: 3 } }, 'orders'],
      [{ orders: [1, 2] }, 'orders'],
    ],
  },
  measureSchema: {
    good: [
      { count: 'order', within: '30d' },
      { sum: ['order', 'refund'], of: 'properties.total', since: 'return' },
      { average: 'order', of: 'properties.total', within: '90d' },
      { min: 'order', of: 'properties.total', since: 'stage' },
      { max: 'order', of: 'properties.total', within: '7d', buckets: '1h' },
      { days: 'visit' },
      { distinct: 'play', by: 'properties.artist', cap: 10 },
      { gauge: 'follow', minus: 'unfollow' },
      { last: 'order', of: 'properties.currency' },
    ],
    bad: [
      [{ count: 'order', within: 30 }, ''],
      [{ sum: 'order' }, ''],
      [{ distinct: 'play', by: 'properties.artist', cap: 0 }, 'cap'],
      [{ gauge: 'follow', minus: 'unfollow', within: '30d' }, ''],
      [{ median: 'order', of: 'properties.total' }, ''],
    ],
  },
  scenarioSchema: {
    good: [scenario, { ...scenario, given: [] }],
    bad: [
      [{ ...scenario, title: '' }, 'title'],
      // biome-ignore lint/suspicious/noThenProperty: the format names it so; a scenario is data and never awaited
      [{ ...scenario, then: undefined }, 'then'],
      [{ ...scenario, given: [{ event: 'Order Completed' }] }, 'given.0'],
      [{ ...scenario, given: [{ at, tick: false }] }, 'given.0'],
    ],
  },
  cycleDefinitionSchema: {
    good: [definition, { ...definition, timezone: undefined, grace: undefined, measures: undefined, scenarios: undefined }],
    bad: [
      [{ ...definition, version: 0 }, 'version'],
      [{ ...definition, stages: [] }, 'stages'],
      [{ ...definition, stages: [{ id: 'customer', kind: 'sleeping' }] }, 'stages.0.kind'],
      [{ ...definition, stages: [{ id: 'customer', kind: 'active', warning: 1 }] }, 'stages.0.warning'],
      [{ ...definition, transitions: [{ id: 'a', from: 'start' }] }, 'transitions.0.to'],
      [{ ...definition, grace: 'an hour' }, 'grace'],
      [{ ...definition, color: 'red' }, ''],
    ],
  },
}
