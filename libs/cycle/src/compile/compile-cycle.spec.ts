import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { type CycleDefinition, cycleDefinitionSchema } from '#contracts'
import { compileCycle } from './compile-cycle.ts'

const shop = parse(readFileSync(new URL('../../../../test/fixtures/cycles/shop-customer.yaml', import.meta.url), 'utf8')) as CycleDefinition

const base = {
  cycle: 'example',
  version: 1,
  actor: 'user',
  stages: [
    { id: 'here', kind: 'active', absence: '30d' },
    { id: 'away', kind: 'lapsed' },
  ],
  signals: { visit: { event: 'Visit' }, order: { event: 'Order' } },
  transitions: [
    { id: 'came', from: 'start', to: 'here', trigger: 'any' },
    { id: 'left', from: 'here', to: 'away', after: '9d' },
    { id: 'back', from: 'away', to: 'previous', trigger: 'visit' },
  ],
}
const compiled = (changes: object = {}) => compileCycle(cycleDefinitionSchema.parse({ ...base, ...changes }))

describe('the fingerprint of a cycle', () => {
  const fingerprintAfter = (change: (definition: CycleDefinition) => unknown): string => {
    const changed = structuredClone(shop)
    change(changed)
    return compileCycle(changed).fingerprint
  }
  const first = <Part>(parts: readonly Part[]): Record<string, unknown> => parts[0] as Record<string, unknown>
  const unchanged = (): string => fingerprintAfter(() => undefined)

  it.each<[string, (definition: CycleDefinition) => unknown]>([
    ['the title', (definition) => Object.assign(definition, { title: 'other' })],
    ['the description', (definition) => Object.assign(definition, { description: 'other' })],
    ['the scenarios', (definition) => Object.assign(definition, { scenarios: [] })],
    ['the values of a stage', ({ stages }) => Object.assign(first(stages), { values: [] })],
    ['the driver of a signal', ({ signals }) => Object.assign(first(Object.values(signals)), { driver: 'corporate' })],
    ['the need of a signal', ({ signals }) => Object.assign(first(Object.values(signals)), { need: 'properties.other' })],
    ['the title of a rule', ({ transitions }) => Object.assign(first(transitions), { title: 'other' })],
  ])('does not depend on %s', (_, change) => {
    expect(fingerprintAfter(change)).toBe(unchanged())
  })

  it.each<[string, (definition: CycleDefinition) => unknown]>([
    ['the grace', (definition) => Object.assign(definition, { grace: '49h' })],
    ['the version', (definition) => Object.assign(definition, { version: 2 })],
    ['the absence of a stage', ({ stages }) => Object.assign(first(stages), { absence: '61d' })],
    ['the order of stages', ({ stages }) => stages.reverse()],
    ['the events of a signal', ({ signals }) => Object.assign(first(Object.values(signals)), { event: 'Other' })],
    ['another signal', ({ signals }) => Object.assign(signals, { other: { event: 'Other' } })],
    ['the window of a measure', ({ measures = {} }) => Object.assign(first(Object.values(measures)), { within: '91d' })],
    ['the condition of a rule', ({ transitions }) => Object.assign(transitions[1] as object, { when: {} })],
  ])('depends on %s', (_, change) => {
    expect(fingerprintAfter(change)).not.toBe(unchanged())
  })
})

describe('a compiled cycle', () => {
  it('has one list of recent events for measures of the same signals, and none for a measure that no rule uses', () => {
    const measures = {
      unasked: { count: ['visit', 'order'] },
      visits: { count: 'visit' },
      orders: { count: 'order' },
      visitDays: { days: 'visit' },
      orderDays: { days: 'order' },
    }
    const when = { visits: 1, orders: 1, visitDays: 1, orderDays: 1 }
    const cycle = compiled({ measures, transitions: [...base.transitions, { id: 'asks', from: 'away', to: 'here', when }] })
    expect(cycle.recentSignals).toEqual([0b01, 0b10])
    expect(cycle.measures.map(({ recent }) => recent)).toEqual([undefined, 0, 1, 0, 1])
  })

  it('keeps gaps only if an absence is personal', () => {
    expect([compileCycle(shop).keepsGaps, compiled().keepsGaps]).toEqual([true, false])
  })

  it('lists the measures that begin again on entering a stage and on a return', () => {
    const measures = { ever: { count: 'visit' }, inStage: { count: 'visit', since: 'stage' }, back: { count: 'visit', since: 'return' } }
    const cycle = compiled({ measures })
    expect([cycle.stageScoped, cycle.returnScoped]).toEqual([[1], [2]])
    expect([compiled().stageScoped, compiled().returnScoped, compiled().measures]).toEqual([[], [], []])
  })

  it('has one bit for each different condition on an event', () => {
    const asks = (id: string, when: object) => ({ id, from: 'away', to: 'here', trigger: 'visit', when })
    const transitions = [...base.transitions, asks('a', { 'traits.x': 1 }), asks('b', { 'traits.x': 1 }), asks('c', { 'traits.x': { exists: false } })]
    const cycle = compiled({ transitions })
    expect([cycle.eventConditions.length, cycle.conditionsWithoutEvent]).toEqual([2, 0b10])
  })

  it('has an absence and a warning only if a rule of the stage names absence', () => {
    const stages = base.stages.map((stage) => (stage.id === 'here' ? { ...stage, warning: 0.5 } : stage))
    expect(compiled({ stages }).stages[1]).toMatchObject({ id: 'here', absence: undefined, warning: undefined })
    const transitions = [...base.transitions, { id: 'gone', from: 'active', to: 'away', trigger: ['visit', 'absence'] }]
    const [, here, away] = compiled({ stages, transitions }).stages
    expect([here?.absence, here?.warning?.rule, here?.warning?.after(10)]).toEqual([30 * 86_400_000, 3, 5])
    expect(away).toMatchObject({ id: 'away', absence: undefined, warning: undefined })
  })

  it('lists the immediate rules, the after rules and the windowed measures of each stage', () => {
    const measures = { ever: { count: 'visit' }, recent: { count: 'visit', within: '3d' }, sum: { sum: 'order', of: 'properties.total', within: '1d' } }
    const transitions = [
      ...base.transitions,
      { id: 'immediate', from: 'here', to: 'away', when: { ever: 9, recent: 0 } },
      { id: 'previous-one', from: ['here', 'away'], to: 'previous', when: { recent: 1 } },
      { id: 'on-order', from: 'here', to: 'away', trigger: 'order', when: { sum: 1 } },
    ]
    const ids = (rules: readonly { id: string }[]): string[] => rules.map(({ id }) => id)
    const { stages } = compiled({ measures, transitions })
    expect(stages.map(({ rules, immediateRules, afterRules, runOuts }) => [ids(rules), ids(immediateRules), ids(afterRules), runOuts])).toEqual([
      [['came'], [], [], []],
      [['left', 'immediate', 'previous-one', 'on-order'], ['immediate', 'previous-one'], ['left'], [1]],
      [['back', 'previous-one'], ['previous-one'], [], [1]],
    ])
  })

  it('numbers stages from 1, with start as 0, and signals as bits', () => {
    const { rules } = compiled({ transitions: [...base.transitions, { id: 'gone', from: 'here', to: 'away', trigger: ['order', 'absence'] }] })
    expect(rules.map(({ id, to, triggers, onAbsence, afterMs }) => [id, to, triggers & 0b11, onAbsence, afterMs])).toEqual([
      ['came', 1, 0b11, false, 0],
      ['left', 2, 0, false, 9 * 86_400_000],
      ['back', 'previous', 0b01, false, 0],
      ['gone', 2, 0b10, true, 0],
    ])
  })

  it('uses the default of each setting that the definition does not have', () => {
    expect(compiled()).toMatchObject({ graceMs: 3_600_000, journalMax: 256, journalsMax: 4_000_000, dedupeMs: 86_400_000 })
    expect(compiled({ grace: '2h', journal: 3, journals: 5, dedupe: '4s' })).toMatchObject({
      graceMs: 7_200_000,
      journalMax: 3,
      journalsMax: 5,
      dedupeMs: 4000,
    })
    expect(compiled().days.offset(0)).toBe(0)
    expect(compiled({ timezone: 'Asia/Kathmandu' }).days.offset(Date.UTC(2026, 0))).toBe(345 * 60_000)
  })
})
