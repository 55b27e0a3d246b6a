import { describe, expect, it } from '@jest/globals'
import {
  type Condition,
  type CycleDefinition,
  type MeasureDefinition,
  type MeasureKindName,
  measureKindNames,
  measureKinds,
  measurePathKeys,
  measureSchema,
  measureSignalKeys,
} from '#contracts'
import { agree } from './agreement.ts'
import { cycle, DAY, event, HOUR, opened, tick } from './example.ts'
import { runFold, runFoldInPieces } from './fold-runs.ts'
import type { LogRecord } from './oracle.ts'

/** The value of each kind (rule 18) for: no event; an event with 5; 5 and an event without a value; 5 and a text; an event with 2. */
const values: Readonly<Record<MeasureKindName, { none: unknown; five: unknown; andNothing: unknown; andText: unknown; two: unknown }>> = {
  count: { none: 0, five: 1, andNothing: 2, andText: 2, two: 1 },
  sum: { none: 0, five: 5, andNothing: 5, andText: 5, two: 2 },
  average: { none: null, five: 5, andNothing: 5, andText: 5, two: 2 },
  min: { none: null, five: 5, andNothing: 5, andText: 5, two: 2 },
  max: { none: null, five: 5, andNothing: 5, andText: 5, two: 2 },
  days: { none: 0, five: 1, andNothing: 1, andText: 1, two: 1 },
  distinct: { none: 0, five: 1, andNothing: 1, andText: 2, two: 1 },
  gauge: { none: 0, five: 1, andNothing: 2, andText: 2, two: 1 },
  last: { none: null, five: 5, andNothing: 5, andText: '7', two: 2 },
}

/** A valid measure: the signals `a`, and `b` to subtract; the path `properties.n`. */
function measureOf(kind: MeasureKindName, scope: object): MeasureDefinition {
  const keys = Object.keys(measureKinds[kind].schema.shape)
  const signals = keys.filter((key) => measureSignalKeys.some((known) => known === key)).map((key) => [key, key === 'minus' ? 'b' : 'a'])
  const paths = keys.filter((key) => measurePathKeys.some((known) => known === key)).map((key) => [key, 'properties.n'])
  return measureSchema.parse({ ...Object.fromEntries([...signals, ...paths]), ...scope })
}

const ALWAYS: Condition = { any: [{ m: { exists: true } }, { m: { exists: false } }] }

/** Each Probe causes a transition between two active stages, whose evidence has the value; Leave and Return cause a return. */
function definitionOf(kind: MeasureKindName, scope: object, when: Condition = ALWAYS): CycleDefinition {
  const signal = (name: string) => ({ event: name })
  return cycle({
    grace: '1h',
    stages: [
      { id: 'one', kind: 'active' },
      { id: 'two', kind: 'active' },
      { id: 'away', kind: 'lapsed' },
      { id: 'back', kind: 'returned' },
    ],
    signals: { a: signal('A'), b: signal('B'), probe: signal('Probe'), leave: signal('Leave'), return: signal('Return') },
    measures: { m: measureOf(kind, scope) },
    transitions: [
      { id: 'begin', from: 'start', to: 'one', trigger: 'any' },
      { id: 'there', from: ['one', 'back'], to: 'two', trigger: 'probe', when },
      { id: 'here', from: 'two', to: 'one', trigger: 'probe', when },
      { id: 'leave', from: 'active', to: 'away', trigger: 'leave' },
      { id: 'return', from: 'away', to: 'back', trigger: 'return' },
    ],
  })
}

/** An event at an instant. */
type Step = readonly [at: number, name: string, properties?: Record<string, unknown>]

/** The evidence of each probe, after fold and oracle have agreed, and the fold has given the same after a save and restore at any place. */
function probed(definition: CycleDefinition, steps: readonly Step[]): unknown[] {
  const events = steps.map(([at, name, properties], index) => event(at, { id: `e${index}`, event: name, ...(properties && { properties }) }))
  const last = steps.at(-1)?.[0] ?? 0
  const log: LogRecord[] = [opened, ...events.flatMap((item, index) => [item, tick(steps[index]?.[0] ?? 0)]), tick(last + 1)]
  expect(agree({ definition, log }, runFold).disagreements).toEqual([])
  const { outputs, late } = runFold(definition, log)
  const everywhere = new Set(Array.from({ length: 4 * log.length }, (_, place) => place))
  expect(runFoldInPieces(definition, log, everywhere, 1)).toEqual({ outputs, late })
  return outputs.filter(({ rule }) => rule === 'there' || rule === 'here').map(({ evidence }) => evidence.measures['m'])
}

const START: Step = [0, 'Return']
const five: Step = [HOUR, 'A', { n: 5 }]
const probe = (at: number): Step => [at, 'Probe']
const windowed = measureKindNames.filter((kind) => 'within' in measureKinds[kind].schema.shape)

describe.each(measureKindNames)('%s', (kind) => {
  const { none, five: ofFive, andNothing, andText, two } = values[kind]

  it.each<[string, readonly Step[], unknown]>([
    ['no event', [], none],
    [
      'an event of other signals',
      [
        [HOUR, 'Leave'],
        [HOUR, 'Return', { n: 9 }],
      ],
      none,
    ],
    ['one event', [five], ofFive],
    ['an event without the path', [five, [HOUR, 'A']], andNothing],
    ['a null', [five, [HOUR, 'A', { n: null }]], andNothing],
    ['text in place of a number', [five, [HOUR, 'A', { n: '7' }]], andText],
  ])('has the right value after %s', (_, steps, value) => {
    expect(probed(definitionOf(kind, {}), [START, ...steps, probe(2 * HOUR)])).toEqual([value])
  })

  it('since: stage begins again at each entering of a stage', () => {
    const steps = [START, five, probe(2 * HOUR), probe(3 * HOUR), [4 * HOUR, 'A', { n: 2 }], probe(5 * HOUR)] as const
    expect(probed(definitionOf(kind, { since: 'stage' }), steps)).toEqual([ofFive, none, two])
  })

  it('since: return begins again at a return, and counts everything before the first', () => {
    const steps = [
      START,
      five,
      probe(2 * HOUR),
      [3 * HOUR, 'Leave'],
      [4 * HOUR, 'Return'],
      probe(5 * HOUR),
      [6 * HOUR, 'A', { n: 2 }],
      probe(7 * HOUR),
    ] as const
    expect(probed(definitionOf(kind, { since: 'return' }), steps)).toEqual([ofFive, none, two])
  })

  it('makes every operator false but exists: false and ne, if its value is missing', () => {
    const operators = [{ eq: 0 }, { in: [0, 5] }, { gt: -1 }, { gte: 0 }, { lt: 9 }, { lte: 0 }, { exists: true }, { exists: false }, { ne: 0 }]
    const holding = operators.filter((operator) => probed(definitionOf(kind, {}, { m: operator }), [START, probe(HOUR)]).length > 0)
    const ofNone = [{ eq: 0 }, { in: [0, 5] }, { gt: -1 }, { gte: 0 }, { lt: 9 }, { lte: 0 }, { exists: true }]
    expect(holding).toEqual(none === null ? [{ exists: false }, { ne: 0 }] : ofNone)
  })
})

describe.each(windowed)('%s within a window', (kind) => {
  const { none, five: ofFive, two } = values[kind]

  it('loses its buckets one by one', () => {
    const steps = [START, five, probe(2 * HOUR), [DAY, 'A', { n: 2 }], probe(3 * DAY - 1), probe(3 * DAY), probe(4 * DAY)] as const
    const [first, , ...later] = probed(definitionOf(kind, { within: '3d' }), steps)
    expect([first, ...later]).toEqual([ofFive, two, none])
  })

  it('runs out when the day of the last event leaves the window', () => {
    const empty: Condition = values[kind].none === null ? { m: { exists: false } } : { m: 0 }
    const definition = definitionOf(kind, { within: '3d' })
    const immediate = { id: 'immediate', from: 'one', to: 'away', when: empty }
    const log = [opened, event(0, { event: 'A', properties: { n: 5 } }), tick(3 * DAY), tick(3 * DAY + 1)]
    const withRule = { ...definition, transitions: [...definition.transitions, immediate] }
    expect(agree({ definition: withRule, log }, runFold).disagreements).toEqual([])
    expect(runFold(withRule, log).outputs.map(({ rule, at }) => [rule, (Date.parse(at) - Date.parse('2026-01-01T00:00:00Z')) / DAY])).toEqual([
      ['begin', 0],
      ['immediate', 3],
    ])
  })
})
