import fc from 'fast-check'
import type { ActivityEvent, CycleDefinition } from '#contracts'
import type { Case, TwoOrders } from './agreement.ts'
import { type Generators, generators } from './generate.ts'
import { reordered, timelyPart } from './reorder.ts'

/** What the events have at the path of the definition: ids, lists of ids, and values that are no ids. */
const named: readonly unknown[] = [
  'a',
  'a',
  'b',
  ['a', 'b', 'a'],
  ['b', 'a'],
  ['\u{FFFD}', '\u{1F600}', 'a'],
  7,
  [7, '7', 'b'],
  ['a', null, 'd', ''],
  [['a']],
  [],
  null,
  '',
  1.5,
  { id: 'a' },
  'x'.repeat(257),
]
const paths: readonly (string | string[])[] = [
  'properties.to',
  ['properties.to', 'context.by'],
  ['actor.id', 'properties.to'],
  ['properties.to.1', 'properties.to'],
]

const choicesArb = fc.record({
  path: fc.constantFrom(...paths),
  journals: fc.constantFrom(undefined, undefined, 2, 4),
  values: fc.array(fc.nat(named.length - 1), { minLength: 61, maxLength: 61, size: 'max' }),
  by: fc.array(fc.nat(2), { minLength: 7, maxLength: 7, size: 'max' }),
})
/** The choices by which a case becomes one with addressed events. */
type Choices = typeof choicesArb extends fc.Arbitrary<infer T> ? T : never

/** The case with a definition that counts events for the actors that they name. Most copies name the same actors. */
function addressed({ definition, log }: Case, { path, journals, values, by }: Choices): Case {
  const ofIds = new Map<string, unknown>()
  let index = 0
  const withNames = (event: ActivityEvent): ActivityEvent => {
    index += 1
    const choice = values[index % values.length] ?? 0
    const to = choice % 5 === 0 || !ofIds.has(event.id) ? named[choice] : ofIds.get(event.id)
    ofIds.set(event.id, to)
    const who = by[index % by.length] === 0 ? { by: 'a' } : {}
    return { ...event, properties: { ...event.properties, to }, context: { ...event.context, ...who } }
  }
  const bounded: CycleDefinition = journals === undefined ? definition : { ...definition, journals }
  return { definition: { ...bounded, actor: { type: 'band', id: path } }, log: log.map((record) => ('record' in record ? record : withNames(record))) }
}

const { caseArb: plainArb, piecesArb: plainPiecesArb } = generators('all')
const picksArb = fc.array(fc.nat(999), { minLength: 61, maxLength: 61, size: 'max' }).map((picks) => picks.map((pick) => pick / 1000))

export const addressedCaseArb: fc.Arbitrary<Case> = fc.tuple(plainArb, choicesArb).map(([plain, choices]) => addressed(plain, choices))
export const addressedPiecesArb: Generators['piecesArb'] = fc
  .tuple(plainPiecesArb, choicesArb)
  .map(([{ cuts, limit, ...plain }, choices]) => ({ ...addressed(plain, choices), cuts, limit }))
export const addressedTwoOrdersArb: fc.Arbitrary<TwoOrders> = fc.tuple(addressedCaseArb, picksArb).map(([{ definition, log }, picks]) => {
  const timely = timelyPart(definition, log)
  return { definition, log: timely, other: reordered(definition, timely, picks) }
})

/** The three of them, as `generators` gives those of other definitions. */
export const addressedGenerators: Generators = { caseArb: addressedCaseArb, piecesArb: addressedPiecesArb, twoOrdersArb: addressedTwoOrdersArb }
