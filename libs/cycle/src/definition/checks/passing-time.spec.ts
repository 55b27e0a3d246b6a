import { describe, expect, it } from '@jest/globals'
import { readDefinition } from '../read-definition.ts'

/** absence-beside-run-out.yaml, with other rules out of x between its first and its last ones. */
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
const free = (when: object, more: object = {}) => ({ id: 'ro', from: 'x', to: 'y', when, ...more })
const meeting = (second: string, first: string, index = 2): string =>
  `warning transitions[${index}]: the rule "${second}" can be due at one instant with "${first}", where the edge of a window and a deadline meet, and the first in the file counts; check that this order is intended`

describe('an absence and a rule without trigger', () => {
  it('are warned of in both orders', () => {
    expect(defectsOf([absent, free({ n: { lt: 1 } })])).toEqual([meeting('ro', 'aw')])
    expect(defectsOf([free({ n: { lt: 1 } }), absent])).toEqual([meeting('aw', 'ro')])
  })

  it.each([
    [{ n: 0 }],
    [{ n: { in: [0, 1] } }],
    [{ n: { lte: 2, gte: 1 } }],
    [{ n: { ne: 3 } }],
    [{ not: { n: { gte: 2 } } }],
    [{ all: [{ n: { lt: 1 } }] }],
    [{ any: [{ n: { lt: 1 } }, { n: { gte: 9 } }] }],
  ])('can meet by %j', (when) => {
    expect(defectsOf([absent, free(when)])).toContain(meeting('ro', 'aw'))
  })

  it.each<[string, object, object]>([
    ['it asks for so many at least, which passing time never brings', { n: { gte: 5 } }, { count: 'a', within: '3d' }],
    ['it asks for not fewer, in other words', { not: { n: { lt: 5 } } }, { days: 'a', within: '3d' }],
    ['its measure has no window', { n: { lt: 1 } }, { count: 'a' }],
  ])('cannot meet where %s', (_, when, measure) => {
    expect(defectsOf([absent, free(when)], measure)).toEqual([])
  })

  it('can meet by a sum that grows as negative amounts leave it', () => {
    expect(defectsOf([absent, free({ n: { gte: 5 } })], { sum: 'a', of: 'properties.total', within: '3d' })).toEqual([meeting('ro', 'aw')])
  })

  it.each<[object, object]>([
    [{ average: 'a', of: 'properties.total' }, { n: { gte: 5 } }],
    [{ min: 'a', of: 'properties.total' }, { n: { gte: 5 } }],
    [{ max: 'a', of: 'properties.total' }, { n: { lt: 5 } }],
    [{ max: 'a', of: 'properties.total' }, { not: { n: { lt: 5 } } }],
    [{ max: 'a', of: 'properties.total' }, { n: { exists: false } }],
  ])('can meet by %j as the amounts leave it: %j', (measure, when) => {
    expect(defectsOf([absent, free(when)], { ...measure, within: '3d' })).toContain(meeting('ro', 'aw'))
  })

  it('cannot meet by a max that is large enough, since it only falls or goes missing', () => {
    expect(defectsOf([absent, free({ n: { gte: 5 } })], { max: 'a', of: 'properties.total', within: '3d' })).toEqual([])
  })

  it('are not asked of a measure that says no kind', () => {
    const defects = defectsOf([absent, free({ n: { lt: 1 } })], { maxx: 'a', of: 'properties.total', within: '3d' })
    expect(defects).toEqual([expect.stringMatching(/^error measures\.n: the measure "n" has no kind: .*; did you mean "max"\?$/)])
  })

  it('cannot meet where they exclude each other, lead to the same stage or leave others', () => {
    expect(defectsOf([{ ...absent, when: { n: { gte: 1 } } }, free({ n: { lt: 1 } })])).toEqual([])
    expect(defectsOf([absent, free({ n: { lt: 1 } }, { to: 'q' }), { id: 'go', from: 'x', to: 'y', after: '9d' }])).not.toContain(meeting('ro', 'aw'))
    const apart = defectsOf([absent, free({ n: { lt: 1 } }, { from: 'y', to: 'q' }), { id: 'go', from: 'x', to: 'y', after: '9d' }])
    expect(apart.filter((defect) => defect.includes('edge of a window'))).toEqual([])
  })
})

describe('a rule with after and one without trigger', () => {
  it('are warned of in both orders', () => {
    const late = { id: 'late', from: 'x', to: 'q', after: '30d' }
    expect(defectsOf([late, free({ n: { lt: 1 } }), absent]).slice(0, 1)).toEqual([meeting('ro', 'late')])
    expect(defectsOf([free({ n: { lt: 1 } }), late, absent]).slice(0, 1)).toEqual([meeting('late', 'ro')])
  })
})

describe('a reserved word', () => {
  it.each(['any', 'all', 'not', 'event', 'absence', 'start', 'previous', 'active', 'returned', 'lapsed'])('%s is no id of a rule and no cause', (word) => {
    expect(defectsOf([{ ...absent, id: word }, free({ n: { gte: 5 } })])).toContain(
      `error transitions[1].id: "${word}" is reserved and cannot name a rule; choose another name`,
    )
    expect(defectsOf([{ ...absent, cause: word }, free({ n: { gte: 5 } })])).toEqual([
      `error transitions[1].cause: cause: "${word}" is reserved and cannot name a cause; choose another word, or leave it out`,
    ])
  })
})

describe('a key that every object has', () => {
  const rules = [absent, free({ n: { gte: 5 } })]
  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'])('%s gets a sentence for people in every map', (key) => {
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
  const heard = (signals: object, parts: object = {}) => defectsOf([absent, free({ n: { gte: 5 } })], undefined, { signals, ...parts })
  const warning = (pattern: string, place = 'signals.a.event') =>
    `warning ${place}: event: "${pattern}" takes the event "Identified" too, which identify calls become: where a program sends them by itself, its actors are never absent; leave them out with where: { event: { ne: Identified } }`

  it.each(['*', 'I*', '*ed', 'Ident*d', '**'])('%s takes identify calls, which keep their actors here', (event) => {
    expect(heard({ a: { event } })).toEqual([warning(event)])
    expect(heard({ a: { event: ['A', event] } })).toEqual([warning(event, 'signals.a.event[1]')])
  })

  it('says nothing where they are left out, named, or not taken', () => {
    expect(heard({ a: { event: '*', where: { event: { ne: 'Identified' } } } })).toEqual([])
    expect(heard({ a: { event: '*', where: { all: [{ event: { ne: 'Identified' } }] } } })).toEqual([])
    expect(heard({ a: { event: 'Identified' } })).toEqual([])
    expect(heard({ a: { event: 'Page*' } })).toEqual([])
    expect(heard({ a: { event: '*', where: { event: { ne: 'identified' } } } })).toEqual([warning('*')])
  })
})

describe('buckets of a window', () => {
  const cut = (measure: object) => defectsOf([absent, free({ n: { gte: 5 } })], { count: 'a', ...measure })

  it.each([
    [{ within: '7d', buckets: '1h' }],
    [{ within: '400h', buckets: '1h' }],
    [{ within: '90d', buckets: '1d' }],
    [{ within: '1h', buckets: '1h' }],
    [{ within: '3m', buckets: '90s' }],
  ])('are taken: %j', (measure) => {
    expect(cut(measure)).toEqual([])
  })

  it.each<[object, string]>([
    [{ buckets: '1h' }, 'buckets: they cut a window, and this measure has none; add within, or leave buckets out'],
    [{ since: 'stage', buckets: '1h' }, 'buckets: they cut a window, and this measure has none; add within, or leave buckets out'],
    [{ within: '7d', buckets: '0s' }, 'buckets: expected at least 1m, got 0s'],
    [{ within: '7d', buckets: '59s' }, 'buckets: expected at least 1m, got 59s'],
    [{ within: '7d', buckets: '5h' }, 'buckets: a window of 7d is not a multiple of 5h; expected buckets that divide it'],
    [{ within: '1h', buckets: '2h' }, 'buckets: a window of 1h is not a multiple of 2h; expected buckets that divide it'],
    [{ within: '30d', buckets: '1h' }, 'buckets: a window of 30d has 720 buckets of 1h; expected at most 400, so buckets of at least 108m'],
  ])('are refused: %j', (measure, message) => {
    expect(cut(measure)).toEqual([`error measures.n.buckets: ${message}`])
  })

  it('are of no use where there is no window', () => {
    const defects = defectsOf([absent, free({ n: { gte: 5 } })], { last: 'a', of: 'properties.x', buckets: '1h' })
    expect(defects).toContainEqual(expect.stringMatching(/^error measures\.n\.buckets: unknown key "buckets"/))
  })
})
