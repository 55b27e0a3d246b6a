import fc from 'fast-check'
import type { Case, TwoOrders } from './agreement.ts'
import { definitionArb } from './generate-definition.ts'
import { logOf, logPlanArb } from './generate-log.ts'
import { reordered, timelyPart } from './reorder.ts'

/** A valid definition and a log for it: disorder, copies, lateness, several writers, backfills and times on and beside every edge. */
export const caseArb: fc.Arbitrary<Case> = fc
  .tuple(definitionArb, logPlanArb)
  .map(([{ definition, scale }, plan]) => ({ definition, log: logOf(definition, scale, plan) }))

/** A case with the places at which its fold is saved and restored, and how many firings lie at most between two looks. */
export const piecesArb: fc.Arbitrary<Case & { cuts: ReadonlySet<number>; most: number }> = fc
  .tuple(
    caseArb,
    fc.array(fc.nat(60), { maxLength: 8 }).map((places) => new Set(places)),
    fc.constantFrom(1, 2, 1000),
  )
  .map(([generated, cuts, most]) => ({ ...generated, cuts, most }))

const picksArb = fc.array(fc.nat(999), { minLength: 61, maxLength: 61, size: 'max' }).map((picks) => picks.map((pick) => pick / 1000))

/** A definition and two logs of the same records in different orders of arrival, none of them late in either. */
export const twoOrdersArb: fc.Arbitrary<TwoOrders> = fc.tuple(caseArb, picksArb).map(([{ definition, log }, picks]) => {
  const timely = timelyPart(definition, log)
  return { definition, log: timely, other: reordered(definition, timely, picks) }
})
