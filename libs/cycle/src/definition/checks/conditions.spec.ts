import { describe, expect, it } from '@jest/globals'
import { readDefinition } from '../read-definition.ts'

const signals = { visit: { event: 'Visit' }, order: { event: 'Order' } }
const transitions = [
  { id: 'came', from: 'start', to: 'here', trigger: 'any' },
  { id: 'left', from: 'here', to: 'away', trigger: 'absence' },
  { id: 'back', from: 'away', to: 'here', trigger: 'visit', when: { visits: { gte: 1 }, seen: { ne: 'x' } } },
]

function defectsOf(changes: object): string[] {
  const definition = {
    cycle: 'example',
    version: 1,
    actor: 'user',
    stages: [
      { id: 'here', kind: 'active', absence: '30d' },
      { id: 'away', kind: 'lapsed' },
    ],
    signals,
    measures: { visits: { count: 'visit' }, seen: { last: 'visit', of: 'properties.page' } },
    transitions,
    ...changes,
  }
  return readDefinition(JSON.stringify(definition), 'a.json').defects.map(({ severity, path, message }) => `${severity} ${path}: ${message}`)
}

const PATHS = 'expected event, properties.*, traits.* or context.*'
const EMPTY = 'an empty condition always holds; leave it out or add a comparison'
const MEASURE = 'where: a signal sees only the event, and "visits" is a measure; use it in the when of a rule'
const NULL = 'nothing equals null, not even a missing value; write { exists: false }'

describe('the where of a signal', () => {
  it.each<[unknown, ...string[]]>([
    [{ an: 1 }, `error .an: where: "an" is not a path of an event: ${PATHS}; did you mean "any"?`],
    [{ al: 1 }, `error .al: where: "al" is not a path of an event: ${PATHS}; did you mean "all"?`],
    [{ nott: 1 }, `error .nott: where: "nott" is not a path of an event: ${PATHS}; did you mean "not"?`],
    [{ evnt: 1 }, `error .evnt: where: "evnt" is not a path of an event: ${PATHS}; did you mean "event"?`],
    [{ visitz: 1 }, `error .visitz: where: "visitz" is not a path of an event: ${PATHS}`],
    [{ properties: 1 }, `error .properties: where: "properties" names no field: ${PATHS}`],
    [{ 'event.a': 1 }, `error ["event.a"]: where: "event.a" is not a path of an event: ${PATHS}`],
    [{ visits: 1 }, `error .visits: ${MEASURE}`],
    [{ not: { visits: 1 } }, `error .not.visits: ${MEASURE}`],
    [{ all: [{ any: [{ not: { visits: 1 } }] }] }, `error .all[0].any[0].not.visits: ${MEASURE}`],
    [{ 'properties.a': { eq: null } }, `warning ["properties.a"].eq: eq: ${NULL}`],
    [{ 'properties.a': { in: [1, null] } }, `warning ["properties.a"].in: in: ${NULL}`],
    [{ 'properties.a': { ne: null } }],
    [{ all: [{}] }, `warning .all[0]: ${EMPTY}`],
    [{ any: [{ 'properties.b': 1 }, { 'properties.a': {} }] }, `warning .any[1]["properties.a"]: ${EMPTY}`],
    [{ not: {} }, `warning .not: ${EMPTY}`],
    [{ event: { in: ['a', 1] } }, 'warning .event.in: in: "event" is text, so comparing it with a number never holds; expected text, got 1'],
    [{ event: { ne: 1 } }, 'warning .event.ne: ne: "event" is text, so comparing it with a number always holds; expected text, got 1'],
    [{ event: 5 }, 'warning .event: "event" is text, so comparing it with a number never holds; expected text, got 5'],
    [{ event: { gte: true } }, 'error .event.gte: gte: expected a number or text, got true'],
    [{ event: { matches: '(' } }, 'error .event.matches: matches: "(" is not an RE2 pattern: error parsing regexp: missing closing ): `(`'],
    [{ event: { matches: 'a'.repeat(1000) } }],
    [{ event: { matches: 'a'.repeat(1001) } }, 'error .event.matches: matches: expected a pattern of at most 1000 characters'],
  ])('%j has the right defects', (where, ...defects) => {
    const found = defectsOf({ signals: { ...signals, visit: { event: 'Visit', where } } })
    expect(found).toEqual(defects.map((defect) => defect.replace(' ', ' signals.visit.where')))
  })
})

describe('the when of a rule', () => {
  it.each<[unknown, ...string[]]>([
    [{ visit: 1 }, 'error .visit: when: there is no measure "visit"; did you mean "visits"?'],
    [{ an: 1 }, 'error .an: when: there is no measure "an"; did you mean "any"?'],
    [{ zzz: 1 }, 'error .zzz: when: there is no measure "zzz"; measures and keywords of a condition are visits, seen, all, any, not, event'],
    [{ 'properties..a': 1 }, `error ["properties..a"]: when: "properties..a" has an empty part between its dots: ${PATHS}`],
    [{ visits: { matches: '1' } }, 'error .visits.matches: matches: "visits" is a number, and a pattern matches only text'],
    [{ seen: { matches: '1' } }],
    [{ visits: { ne: 'a' } }, 'warning .visits.ne: ne: "visits" is a number, so comparing it with text always holds; expected a number, got "a"'],
    [{ visits: { in: [1, 'a'] } }, 'warning .visits.in: in: "visits" is a number, so comparing it with text never holds; expected a number, got "a"'],
    [{ visits: true }, 'warning .visits: "visits" is a number, so comparing it with true never holds; expected a number, got true'],
    [{ visits: { gt: 'a' } }, 'error .visits.gt: gt: "visits" is a number, so comparing it with text never holds; expected a number, got "a"'],
    [{ seen: { gt: 'a', lt: 'b' } }],
    [{ seen: { gt: 1, lte: 'b' } }, 'error .seen.lte: lte: compares with text where gt compares with a number; no value has both types'],
    [{ seen: { gte: 'a', lt: 1 } }, 'error .seen.lt: lt: compares with a number where gte compares with text; no value has both types'],
  ])('%j has the right defects', (when, ...defects) => {
    const found = defectsOf({ transitions: [...transitions, { id: 'asks', from: 'away', to: 'here', trigger: 'order', when }] })
    expect(found).toEqual(defects.map((defect) => defect.replace(' ', ' transitions[3].when')))
  })

  it('has no defects if the measures are unreadable', () => {
    expect(defectsOf({ measures: 5 })).toEqual(['error measures: measures: expected a map, got the number 5'])
  })

  it('counts each different condition on events once towards the limit, and no condition on measures', () => {
    const asking = (whens: readonly unknown[]) => whens.map((when, n) => ({ id: `r${n}`, from: 'away', to: 'here', trigger: 'order', when }))
    const many = Array.from({ length: 31 }, (_, n) => ({ 'properties.x': n }))
    const more = [{ 'properties.x': 0 }, { visits: 77 }, { visits: 78 }]
    expect(defectsOf({ transitions: [...transitions, ...asking([...many, ...more])] })).toEqual([])
    expect(defectsOf({ transitions: [...transitions, ...asking([...many, { 'traits.y': 1 }, { 'traits.y': { eq: 1 } }, { 'traits.z': 1 }])] })).toEqual([
      'error transitions[34].when["traits.y"]: too many different conditions on events in rules: expected at most 31; put them into the where of signals',
    ])
  })
})
