import { describe, expect, it } from '@jest/globals'
import { readDefinition } from '../read-definition.ts'

/** The defects of a definition with the given rules out of the stage x. */
function defectsOf(rules: readonly object[], measure: object = { count: 'a', within: '3d' }, parts: object = {}): string[] {
  const definition = {
    ...{ cycle: 't', version: 1, actor: 'user', grace: '0s' },
    stages: [
      { id: 'x', kind: 'active', absence: '3d' },
      { id: 'y', kind: 'active' },
      { id: 'q', kind: 'lapsed' },
    ],
    signals: { a: { event: 'A' } },
    measures: { n: measure },
    transitions: [
      { id: 's', from: 'start', to: 'x', trigger: 'a' },
      ...rules,
      { id: 'b1', from: 'y', to: 'x', trigger: 'a' },
      { id: 'b2', from: 'q', to: 'x', trigger: 'a' },
    ],
    ...parts,
  }
  return readDefinition(JSON.stringify(definition), 'a.json').defects.map(({ severity, path, message }) => `${severity} ${path}: ${message}`)
}

const absent = { id: 'aw', from: 'x', to: 'q', trigger: 'absence' }
const immediate = (when: object, more: object = {}) => ({ id: 'ro', from: 'x', to: 'y', when, ...more })
const warningOf = (second: string, first: string, index = 2): string =>
  `warning transitions[${index}]: the rule "${second}" can be due at the same instant as "${first}", because a window can run out exactly at a deadline, and the first in the file counts; check that this order is intended`

describe('an absence and an immediate rule', () => {
  it('give a warning in both orders', () => {
    expect(defectsOf([absent, immediate({ n: { lt: 1 } })])).toEqual([warningOf('ro', 'aw')])
    expect(defectsOf([immediate({ n: { lt: 1 } }), absent])).toEqual([warningOf('aw', 'ro')])
  })

  it.each([
    [{ n: 0 }],
    [{ n: { in: [0, 1] } }],
    [{ n: { lte: 2, gte: 1 } }],
    [{ n: { ne: 3 } }],
    [{ not: { n: { gte: 2 } } }],
    [{ all: [{ n: { lt: 1 } }] }],
    [{ any: [{ n: { lt: 1 } }, { n: { gte: 9 } }] }],
  ])('can be due at one instant with the condition %j', (when) => {
    expect(defectsOf([absent, immediate(when)])).toContain(warningOf('ro', 'aw'))
  })

  it.each<[string, object, object]>([
    ['the condition is a lower bound, which passing time never fulfils', { n: { gte: 5 } }, { count: 'a', within: '3d' }],
    ['the condition is a negated upper bound', { not: { n: { lt: 5 } } }, { days: 'a', within: '3d' }],
    ['the measure has no window', { n: { lt: 1 } }, { count: 'a' }],
  ])('cannot be due at one instant if %s', (_, when, measure) => {
    expect(defectsOf([absent, immediate(when)], measure)).toEqual([])
  })

  it('can be due at one instant with a sum, which grows when negative amounts leave the window', () => {
    expect(defectsOf([absent, immediate({ n: { gte: 5 } })], { sum: 'a', of: 'properties.total', within: '3d' })).toEqual([warningOf('ro', 'aw')])
  })

  it.each<[object, object]>([
    [{ average: 'a', of: 'properties.total' }, { n: { gte: 5 } }],
    [{ min: 'a', of: 'properties.total' }, { n: { gte: 5 } }],
    [{ max: 'a', of: 'properties.total' }, { n: { lt: 5 } }],
    [{ max: 'a', of: 'properties.total' }, { not: { n: { lt: 5 } } }],
    [{ max: 'a', of: 'properties.total' }, { n: { exists: false } }],
  ])('can be due at one instant when amounts leave the window of %j: %j', (measure, when) => {
    expect(defectsOf([absent, immediate(when)], { ...measure, within: '3d' })).toContain(warningOf('ro', 'aw'))
  })

  it('cannot be due at one instant with a lower bound of a max, which only falls or becomes missing', () => {
    expect(defectsOf([absent, immediate({ n: { gte: 5 } })], { max: 'a', of: 'properties.total', within: '3d' })).toEqual([])
  })

  it('give no warning if the measure has no kind', () => {
    const defects = defectsOf([absent, immediate({ n: { lt: 1 } })], { maxx: 'a', of: 'properties.total', within: '3d' })
    expect(defects).toEqual([expect.stringMatching(/^error measures\.n: the measure "n" has no kind: .*; did you mean "max"\?$/)])
  })

  it('give no warning if they exclude each other, lead to the same stage or leave different stages', () => {
    expect(defectsOf([{ ...absent, when: { n: { gte: 1 } } }, immediate({ n: { lt: 1 } })])).toEqual([])
    expect(defectsOf([absent, immediate({ n: { lt: 1 } }, { to: 'q' }), { id: 'go', from: 'x', to: 'y', after: '9d' }])).not.toContain(warningOf('ro', 'aw'))
    const apart = defectsOf([absent, immediate({ n: { lt: 1 } }, { from: 'y', to: 'q' }), { id: 'go', from: 'x', to: 'y', after: '9d' }])
    expect(apart.filter((defect) => defect.includes('a window can run out exactly at a deadline'))).toEqual([])
  })
})

describe('a rule with after and an immediate rule', () => {
  it('give a warning in both orders', () => {
    const late = { id: 'late', from: 'x', to: 'q', after: '30d' }
    expect(defectsOf([late, immediate({ n: { lt: 1 } }), absent]).slice(0, 1)).toEqual([warningOf('ro', 'late')])
    expect(defectsOf([immediate({ n: { lt: 1 } }), late, absent]).slice(0, 1)).toEqual([warningOf('late', 'ro')])
  })
})

describe('a reserved word', () => {
  it.each(['any', 'all', 'not', 'event', 'absence', 'start', 'previous', 'active', 'returned', 'lapsed'])(
    '%s is refused as the id of a rule and as a cause',
    (word) => {
      expect(defectsOf([{ ...absent, id: word }, immediate({ n: { gte: 5 } })])).toContain(
        `error transitions[1].id: "${word}" is reserved and cannot name a rule; choose another name`,
      )
      expect(defectsOf([{ ...absent, cause: word }, immediate({ n: { gte: 5 } })])).toEqual([
        `error transitions[1].cause: cause: "${word}" is reserved and cannot name a cause; choose another word, or leave it out`,
      ])
    },
  )
})

describe('a key with the name of an inherited property', () => {
  const rules = [absent, immediate({ n: { gte: 5 } })]
  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'])('%s is refused with a readable message in every map', (key) => {
    const found = [
      defectsOf([{ ...absent, when: { [key]: [1] } }, rules[1] as object]),
      defectsOf([{ ...absent, when: { n: { [key]: [1] } } }, rules[1] as object]),
      defectsOf([{ ...absent, [key]: [1] }, rules[1] as object]),
      defectsOf([{ ...absent, trigger: key }, rules[1] as object]),
      defectsOf(rules, { count: 'a', [key]: [1] }),
      defectsOf(rules, undefined, { signals: { a: { event: 'A', where: { [key]: [1] } } } }),
      defectsOf(rules, undefined, { signals: { a: { event: 'A', [key]: 1 } } }),
      defectsOf(rules, undefined, { measures: { n: { count: 'a' }, [key]: [1] } }),
      defectsOf(rules, undefined, { [key]: 1 }),
    ]
    for (const defects of found) {
      expect(defects.filter((defect) => defect.startsWith('error'))).not.toEqual([])
      expect(defects.join('\n')).not.toMatch(/native code|undefined|\[object/)
    }
    expect(found[0]).toContain(`error transitions[1].when.${key}: ${key}: expected a value or a map of operators such as { gte: 3 }, got a list`)
  })

  it('__proto__ is refused in every map', () => {
    for (const map of ['{ n: { lt: 1 }, __proto__: 1 }', '{ __proto__: [1] }']) {
      const text = `cycle: t\ntransitions:\n- { id: s, from: start, to: x, when: ${map} }\n`
      expect(readDefinition(text, 'a.yaml').defects.map(({ message }) => message)).toContain('the key "__proto__" is not allowed')
    }
  })
})

describe('a pattern', () => {
  const defectsWith = (signals: object, parts: object = {}) => defectsOf([absent, immediate({ n: { gte: 5 } })], undefined, { signals, ...parts })
  const warning = (pattern: string, place = 'signals.a.event') =>
    `warning ${place}: event: "${pattern}" also matches the event "Identified", which is made of identify calls: if a program sends them by itself, its actors are never absent; exclude them with where: { event: { ne: Identified } }`

  it.each(['*', 'I*', '*ed', 'Ident*d', '**'])('%s gives a warning because it also matches identify calls', (event) => {
    expect(defectsWith({ a: { event } })).toEqual([warning(event)])
    expect(defectsWith({ a: { event: ['A', event] } })).toEqual([warning(event, 'signals.a.event[1]')])
  })

  it('gives no warning if identify calls are excluded, named in full, or not matched', () => {
    expect(defectsWith({ a: { event: '*', where: { event: { ne: 'Identified' } } } })).toEqual([])
    expect(defectsWith({ a: { event: '*', where: { all: [{ event: { ne: 'Identified' } }] } } })).toEqual([])
    expect(defectsWith({ a: { event: 'Identified' } })).toEqual([])
    expect(defectsWith({ a: { event: 'Page*' } })).toEqual([])
    expect(defectsWith({ a: { event: '*', where: { event: { ne: 'identified' } } } })).toEqual([warning('*')])
  })
})

describe('buckets of a window', () => {
  const defectsOfBuckets = (measure: object) => defectsOf([absent, immediate({ n: { gte: 5 } })], { count: 'a', ...measure })

  it.each([
    [{ within: '7d', buckets: '1h' }],
    [{ within: '400h', buckets: '1h' }],
    [{ within: '90d', buckets: '1d' }],
    [{ within: '1h', buckets: '1h' }],
    [{ within: '3m', buckets: '90s' }],
  ])('are accepted: %j', (measure) => {
    expect(defectsOfBuckets(measure)).toEqual([])
  })

  it.each<[object, string]>([
    [{ buckets: '1h' }, 'buckets: they divide a window, and this measure has no window; add within, or leave buckets out'],
    [{ since: 'stage', buckets: '1h' }, 'buckets: they divide a window, and this measure has no window; add within, or leave buckets out'],
    [{ within: '7d', buckets: '0s' }, 'buckets: expected at least 1m, got 0s'],
    [{ within: '7d', buckets: '59s' }, 'buckets: expected at least 1m, got 59s'],
    [{ within: '7d', buckets: '5h' }, 'buckets: a window of 7d is not a multiple of 5h; expected buckets that divide it'],
    [{ within: '1h', buckets: '2h' }, 'buckets: a window of 1h is not a multiple of 2h; expected buckets that divide it'],
    [{ within: '30d', buckets: '1h' }, 'buckets: a window of 30d has 720 buckets of 1h; expected at most 400, so buckets of at least 108m'],
  ])('are refused: %j', (measure, message) => {
    expect(defectsOfBuckets(measure)).toEqual([`error measures.n.buckets: ${message}`])
  })

  it('are refused for a kind of measure that has no window', () => {
    const defects = defectsOf([absent, immediate({ n: { gte: 5 } })], { last: 'a', of: 'properties.x', buckets: '1h' })
    expect(defects).toContainEqual(expect.stringMatching(/^error measures\.n\.buckets: unknown key "buckets"/))
  })
})
