import { describe, expect, it } from '@jest/globals'
import { readDefinition } from '../read-definition.ts'

/** A rule as it is in the file. */
type Rule = Readonly<Record<string, unknown>>

const here = { id: 'here', kind: 'active', absence: '30d' }
const calm = { id: 'here', kind: 'active' }
const away = { id: 'away', kind: 'lapsed' }
const gone = { id: 'gone', kind: 'lapsed' }
const signals = { visit: { event: 'Visit' }, order: { event: 'Order' } }
const came: Rule = { id: 'came', from: 'start', to: 'here', trigger: 'any' }
const left: Rule = { id: 'left', from: 'here', to: 'away', trigger: 'absence' }
const ended: Rule = { id: 'ended', from: 'here', to: 'away', after: '3d' }
const back: Rule = { id: 'back', from: 'away', to: 'here', trigger: 'visit', when: { visits: { gte: 1 } } }
const rises: Rule = { id: 'rises', from: 'gone', to: 'here', trigger: 'visit' }

function defectsOf(changes: object): string[] {
  const valid = { cycle: 'example', version: 1, actor: 'user', stages: [here, away], signals, measures: { visits: { count: 'visit' } } }
  const definition = { ...valid, transitions: [came, left, back], ...changes }
  return readDefinition(JSON.stringify(definition), 'a.json').defects.map(({ severity, path, message }) => `${severity} ${path}: ${message}`)
}

describe('a rule', () => {
  it.each<[Rule, ...string[]]>([
    [{ from: 'any', trigger: 'order' }, 'error .from: from: there is no stage "any"; list the stages or kinds'],
    [{ from: ['all'], trigger: 'order' }, 'error .from[0]: from: there is no stage "all"; list the stages or kinds'],
    [{ from: 'returned', trigger: 'order' }, 'error .from: from: no stage is of kind returned; add one or name other stages'],
    [{ to: 'active', trigger: 'order' }, 'error .to: to: a rule leads to one stage, and active is a kind; name a stage or previous'],
    [{ to: 'lapsed', trigger: 'order' }, 'error .to: to: a rule leads to one stage, and lapsed is a kind; name a stage'],
    [{ to: 'prevous', trigger: 'order' }, 'error .to: to: there is no stage "prevous"; did you mean "previous"?'],
    [{ trigger: 'orders' }, 'error .trigger: trigger: there is no signal "orders"; did you mean "order"?'],
    [{ trigger: 'anny' }, 'error .trigger: trigger: there is no signal "anny"; did you mean "any"?'],
    [{ trigger: ['xyz'] }, 'error .trigger[0]: trigger: there is no signal "xyz"; signals are visit, order, any, absence'],
    [
      { from: ['start', 'away'], when: { visits: 3 } },
      'error .from: from: the rule "asks" leads out of start and needs a trigger: only a signal starts a cycle',
    ],
    [{ from: 'start', after: '3d' }, 'error .from: from: the rule "asks" leads out of start and needs a trigger: only a signal starts a cycle'],
    [{ from: ['here', 'away'], trigger: 'order' }],
    [{ from: 'here', to: 'away', trigger: ['order', 'absence'] }],
    [{ after: '3d' }],
  ])('%j has the right defects', (rule, ...defects) => {
    const asks = { id: 'asks', from: 'away', to: 'here', ...rule }
    expect(defectsOf({ transitions: [came, left, back, asks] })).toEqual(defects.map((defect) => defect.replace(' ', ' transitions[3]')))
  })

  it.each<[string, object, ...string[]]>([
    [
      'an unreadable kind',
      { stages: [here, { id: 'away', kind: 'lapsd' }], transitions: [came, left, back, { id: 'asks', from: 'returned', to: 'nowhere', trigger: 'any' }] },
      'error stages[1].kind: kind: expected one of active, lapsed, returned, got "lapsd"; did you mean "lapsed"?',
      'error transitions[3].to: to: there is no stage "nowhere"; stages are here, away, previous',
    ],
    [
      'a stage without a name',
      {
        stages: [here, away, { kind: 'lapsed' }, { kind: 'lapsed' }],
        transitions: [came, left, back, { id: 'asks', from: 'elsewhere', to: 'nowhere', trigger: 'any' }],
      },
      'error stages[2].id: the key "id" is missing: expected a name',
      'error stages[3].id: the key "id" is missing: expected a name',
    ],
    ['unreadable signals', { signals: 5 }, 'error signals: signals: expected a map, got the number 5'],
    [
      'no active stage, if it leads to previous',
      { stages: [{ ...here, kind: 'returned' }, away], transitions: [came, left, back, { id: 'asks', from: 'away', to: 'previous', trigger: 'order' }] },
      'error transitions[3].to: to: previous is the last active stage of the actor, and no stage is of kind active; add one or name a stage',
    ],
    [
      'a second active stage that no actor reaches, if it leads to previous',
      {
        stages: [calm, { id: 'there', kind: 'active' }, away],
        transitions: [
          { ...came, to: 'away' },
          { ...back, to: 'previous' },
          { id: 'asks', from: 'active', to: 'away', trigger: 'order' },
        ],
      },
      'error stages[1].id: the stage "there" is unreachable: no path of rules leads from start to it; add a rule or leave the stage out',
    ],
  ])('is checked beside %s', (_, changes, ...defects) => {
    expect(defectsOf(changes)).toEqual(defects)
  })
})

describe('rules of one stage', () => {
  const HIDDEN = 'which always comes first, so this rule never leads anywhere'
  const ORDERED = 'and the first in the file counts; check that this order is intended'
  const toGone = { id: 'y', from: 'away', to: 'gone' }

  it.each<[string, readonly Rule[], ...string[]]>([
    [
      'equal times after',
      [back, { ...toGone, id: 'x', to: 'here', after: '3d' }, { ...toGone, after: '3d' }],
      `"y" can hold at the same moment as "x", ${HIDDEN}`,
    ],
    ['different times after', [back, { ...toGone, id: 'x', to: 'here', after: '3d' }, { ...toGone, after: '4d' }]],
    [
      'equal times after and a condition',
      [back, { ...toGone, id: 'x', to: 'here', after: '3d', when: { visits: 9 } }, { ...toGone, after: '3d' }],
      `"y" can hold at the same moment as "x", ${ORDERED}`,
    ],
    ['an after and a signal', [back, { ...toGone, after: '3d' }]],
    [
      'any before a signal',
      [
        { ...back, trigger: 'any', when: undefined },
        { ...toGone, trigger: 'order', when: { visits: 1 } },
      ],
      `"y" can hold at the same moment as "back", ${HIDDEN}`,
    ],
    [
      'a signal before any',
      [
        { ...back, when: undefined },
        { ...toGone, trigger: 'any', when: { visits: 1 } },
      ],
      `"y" can hold at the same moment as "back", ${ORDERED}`,
    ],
    [
      'a signal before a list with it',
      [
        { ...back, when: undefined },
        { ...toGone, trigger: ['visit', 'order'], when: { visits: 1 } },
      ],
      `"y" can hold at the same moment as "back", ${ORDERED}`,
    ],
    [
      'a list before one of its signals',
      [
        { ...back, trigger: ['order', 'visit'], when: undefined },
        { ...toGone, trigger: 'visit', when: { visits: 1 } },
      ],
      `"y" can hold at the same moment as "back", ${HIDDEN}`,
    ],
    [
      'different signals',
      [
        { ...back, trigger: 'order' },
        { ...toGone, trigger: 'visit' },
      ],
    ],
    ['conditions that exclude each other', [back, { ...toGone, trigger: 'visit', when: { visits: 0 } }]],
    ['an immediate rule', [back, { ...toGone, when: { visits: 9 } }], `"y" can hold at the same moment as "back", ${ORDERED}`],
    [
      'a second stage that only one of them leaves',
      [
        { ...back, when: undefined },
        { ...toGone, from: ['away', 'here'], trigger: 'visit', when: { visits: 1 } },
      ],
      `"y" can hold at the same moment as "back", ${ORDERED}`,
    ],
    [
      'a stage to which the first one leads',
      [
        { ...back, to: 'gone', from: ['away', 'here'], when: undefined },
        { ...toGone, from: 'away', to: 'here', trigger: 'visit', when: { visits: 1 } },
      ],
      `"y" can hold at the same moment as "back", ${HIDDEN}`,
    ],
    [
      'three rules',
      [back, { ...toGone, trigger: 'visit' }, { ...toGone, id: 'z', from: 'lapsed', to: 'here', trigger: 'any', when: { visits: 7 } }],
      `"y" can hold at the same moment as "back", ${ORDERED}`,
      `"z" can hold at the same moment as "y", ${ORDERED}`,
    ],
  ])('give the right warnings with %s', (_, rules, ...defects) => {
    const transitions = [came, left, ...rules, rises].map((rule) => ({ ...rule }))
    const found = defectsOf({ stages: [here, away, gone], transitions })
    expect(found.filter((defect) => defect.includes('can hold')).map((defect) => defect.replace(/^warning transitions\[\d\]: the rule /, ''))).toEqual(defects)
    expect(found.filter((defect) => defect.startsWith('error'))).toEqual([])
  })

  it('with the trigger any do not hide an absence', () => {
    const rules = [
      { id: 'x', from: 'here', to: 'away', trigger: ['any'] },
      { id: 'y', from: 'here', to: 'gone', trigger: ['absence', 'visit'] },
    ]
    expect(defectsOf({ stages: [here, away, gone], transitions: [came, ...rules, rises, back] })).toEqual([
      `warning transitions[2]: the rule "y" can hold at the same moment as "x", ${ORDERED}`,
    ])
  })
})

describe('immediate rules', () => {
  const warningOf = (way: string): string =>
    `rules without trigger and after lead in a circle: ${way}; a stage is entered only once at one instant, so make sure that not all of them can hold together`
  const immediate = (id: string, from: string, to: string, visits: number): Rule => ({ id, from, to, when: { visits } })

  it.each<[string, readonly Rule[], ...string[]]>([
    [
      'two stages',
      [immediate('x', 'here', 'away', 3), immediate('y', 'away', 'here', 4), rises, immediate('z', 'away', 'gone', 5)],
      warningOf('here -> away -> here'),
    ],
    [
      'three stages',
      [immediate('x', 'here', 'away', 3), immediate('y', 'away', 'gone', 4), immediate('z', 'gone', 'here', 5)],
      warningOf('here -> away -> gone -> here'),
    ],
    ['no circle, because one rule has a trigger', [immediate('x', 'here', 'away', 3), immediate('y', 'away', 'gone', 4), rises]],
    ['a stage that leads to itself, which never holds', [immediate('x', 'here', 'away', 3), { ...immediate('y', 'away', 'gone', 4), from: 'lapsed' }, rises]],
  ])('are checked for a circle: %s', (_, rules, ...defects) => {
    const found = defectsOf({ stages: [here, away, gone], transitions: [came, left, ...rules] })
    expect(found.filter((defect) => defect.includes('circle'))).toEqual(defects.map((defect) => `warning transitions[2]: ${defect}`))
  })
})

describe('a signal that no rule and no measure names', () => {
  const byVisit = { ...came, trigger: 'visit' }
  const UNUSED = 'warning signals.order: no rule and no measure names the signal "order"; leave it out'

  it.each<[string, object, ...string[]]>([
    ['has an effect if a stage has an absence', { transitions: [byVisit, left, back] }],
    ['has no effect if no stage has an absence', { stages: [calm, away], transitions: [byVisit, ended, back] }, UNUSED],
    ['has an effect if a rule has the trigger any', { stages: [calm, away], transitions: [came, ended, back] }],
    ['is not one if a rule names it', { stages: [calm, away], transitions: [{ ...came, trigger: ['visit', 'order'] }, ended, back] }],
    [
      'is not one if a measure names it',
      {
        stages: [calm, away],
        measures: { visits: { count: 'visit' }, net: { gauge: 'visit', minus: 'order' } },
        transitions: [byVisit, { ...ended, when: { net: 0 } }, back],
      },
    ],
    [
      'has no effect if an immediate rule reads only measures',
      { stages: [calm, away], transitions: [byVisit, { ...ended, after: undefined, when: { visits: 7 } }, back] },
      UNUSED,
    ],
    [
      'has an effect if an immediate rule reads the event',
      { stages: [calm, away], transitions: [byVisit, { ...ended, after: undefined, when: { event: 'Bye' } }, back] },
    ],
    [
      'is not reported if measures are unreadable',
      { stages: [calm, away], measures: { visits: { count: 5 } }, transitions: [byVisit, ended, back] },
      'error measures.visits.count: count: expected a name or a list of names, got the number 5',
    ],
  ])('%s', (_, changes, ...defects) => {
    expect(defectsOf(changes)).toEqual(defects)
  })

  it('a condition on the event is reported for a rule that is tried only when time passes', () => {
    const message = 'when: this rule is tried when time passes, without an event, so "traits.x" is always missing'
    expect(defectsOf({ transitions: [came, { ...left, when: { visits: 1, 'traits.x': 1 } }, back] })).toEqual([`warning transitions[1].when: ${message}`])
    expect(defectsOf({ transitions: [came, { ...left, trigger: ['absence', 'order'], when: { 'traits.x': 1 } }, back] })).toEqual([])
    expect(defectsOf({ transitions: [came, left, { ...back, when: { visits: 1, 'traits.x': 1 } }] })).toEqual([])
  })
})

describe('a stage, a signal or a measure', () => {
  const personal = (floor: string, ceiling: string) => ({ stages: [{ ...here, absence: { usual: 0.9, floor, ceiling } }, away] })
  const more = (measure: object) => ({
    measures: { visits: { count: 'visit' }, more: measure },
    transitions: [came, left, back, { id: 'asks', from: 'away', to: 'here', trigger: 'order', when: { more: 1 } }],
  })

  it.each<[object, ...string[]]>([
    [
      personal('1h', '20h'),
      'warning stages[0].absence.ceiling: ceiling: gaps are counted in whole days, so the absence is always the ceiling 20h; write absence: 20h',
    ],
    [personal('23h', '24h'), 'warning stages[0].absence.floor: floor: gaps are counted in whole days, so a floor of 23h never matters; expected at least 1d'],
    [personal('1d', '1d')],
    [
      { stages: [here, { ...away, warning: 0.5 }] },
      'error stages[1].warning: warning: the stage "away" is lapsed and cannot have this key, since its actors are absent already; leave it out',
    ],
    [more({ count: 'visit', within: '400d' })],
    [more({ count: 'visit', within: '3d', since: 'stage' }), 'error measures.more.since: since: a measure has within or since, not both; leave one out'],
    [more({ gauge: 'visit', minus: 'ordr' }), 'error measures.more.minus: minus: there is no signal "ordr"; did you mean "order"?'],
    [more({ count: 'zzzzzz' }), 'error measures.more.count: count: there is no signal "zzzzzz"; signals are visit, order'],
    [
      more({ distinct: 'visit', by: 'properties' }),
      'error measures.more.by: by: "properties" names no field: expected event, properties.*, traits.* or context.*',
    ],
    [
      { signals: {} },
      'error signals: no signals: expected at least one, since only a signal can lead out of start',
      'error measures.visits.count: count: there is no signal "visit"; there are no signals',
      'error transitions[2].trigger: trigger: there is no signal "visit"; signals are any, absence',
    ],
  ])('has the right defects: %j', (changes, ...defects) => {
    expect(defectsOf(changes)).toEqual(defects)
  })
})
