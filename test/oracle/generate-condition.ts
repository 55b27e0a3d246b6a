import fc from 'fast-check'
import type { Condition, Operators } from '#contracts'

/** Some of these texts have another order in UTF-16 than in UTF-8. */
const texts = ['a', 'b', 'ab', '', '\u{E000}', '\u{FFFD}', '\u{10000}', '\u{1F600}']

/** A text with a lone surrogate. It and its JSON text are different values. */
const halfPair = `\ud800${'x'.repeat(60)}`

/** Possible values of a property: of the right type, of a wrong type, null, and numbers at the limits of sums. */
export const oddValues: unknown[] = [
  ...[0, 1, 2, 3, 2.5, 0.1, 0.2, -1, -0, 1e-7, 5e-7, -5e-7, 1.0000005, 9e9, 9_000_000_001, 1e21],
  ...[null, true, false, '1', {}, { k: 1 }, [], [1, { k: 2 }]],
  ...[halfPair, JSON.stringify(halfPair)],
  ...texts,
]

const scalars = [0, 1, 2, 2.5, true, null, '1', ...texts]
const scalarArb = fc.constantFrom(...scalars)
const orderableArb = fc.constantFrom(...scalars.filter((value) => typeof value === 'number' || typeof value === 'string'))

const pathArb = fc.constantFrom(
  ...[
    'event',
    'properties.n',
    'properties.n',
    'properties.s',
    'properties.n.k',
    'properties.n.1.k',
    'properties.n.length',
    'properties.toString',
    'traits.n',
    'context.s',
  ],
)

const pathOperatorsArb: fc.Arbitrary<Operators> = fc.oneof(
  scalarArb.map((eq) => ({ eq })),
  scalarArb.map((ne) => ({ ne })),
  fc.array(scalarArb, { minLength: 1, maxLength: 4 }).map((values) => ({ in: values })),
  fc.boolean().map((exists) => ({ exists })),
  fc.constantFrom('a|b', 'a', '.*', '[ab]+', '(?i)A', '\\x{E000}?').map((matches) => ({ matches })),
  fc.tuple(fc.constantFrom('gt', 'gte', 'lt', 'lte'), orderableArb).map(([operator, value]) => ({ [operator]: value })),
  fc.tuple(orderableArb, orderableArb).map(([gte, lt]) => ({ gte, lt })),
)

/** A condition on the event, as in `where`. */
export const pathConditionArb: fc.Arbitrary<Condition> = nested(
  fc.oneof(
    fc.tuple(pathArb, pathOperatorsArb).map(([path, operators]) => ({ [path]: operators })),
    fc.tuple(pathArb, scalarArb).map(([path, value]) => ({ [path]: value })),
  ),
)

const thresholdArb = fc.constantFrom(0, 1, 1, 2, 2, 3)
const measureOperatorsArb: fc.Arbitrary<Operators> = fc.oneof(
  { weight: 3, arbitrary: thresholdArb.map((lt) => ({ lt })) },
  { weight: 3, arbitrary: thresholdArb.map((gte) => ({ gte })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Operators>({ eq: 1 }, { ne: 1 }, { gt: 0, lte: 2 }, { in: [0, 2] }, { exists: true }, { exists: false }, { lte: 0 }),
  },
)

/** A condition on the measures `m0` to `m9`; {@link withinMeasures} keeps those that exist. */
export const measureConditionArb: fc.Arbitrary<Condition> = nested(
  fc.tuple(fc.nat(9), measureOperatorsArb).map(([number, operators]) => ({ [`m${number}`]: operators })),
)

function nested(leaf: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> {
  const pair = fc.array(leaf, { minLength: 1, maxLength: 3 })
  return fc.oneof(
    { weight: 8, arbitrary: leaf },
    { weight: 1, arbitrary: pair.map((all) => ({ all })) },
    { weight: 1, arbitrary: pair.map((any) => ({ any })) },
    { weight: 1, arbitrary: leaf.map((not) => ({ not })) },
    { weight: 1, arbitrary: pair.map((parts) => Object.assign({}, ...parts) as Condition) },
  )
}

/** Renames `m7` of a definition with three measures to `m1`; without measures such a condition becomes empty and holds. */
export function withinMeasures(condition: Condition, measures: number): Condition {
  const entries = Object.entries(condition).flatMap(([subject, wanted]): [string, unknown][] => {
    if (subject === 'all' || subject === 'any') return [[subject, (wanted as Condition[]).map((part) => withinMeasures(part, measures))]]
    if (subject === 'not') return [[subject, withinMeasures(wanted as Condition, measures)]]
    const number = /^m(\d)$/.exec(subject)?.[1]
    if (number === undefined) return [[subject, wanted]]
    return measures === 0 ? [] : [[`m${Number(number) % measures}`, wanted]]
  })
  return Object.fromEntries(entries) as Condition
}
