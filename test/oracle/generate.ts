import fc from 'fast-check'
import type { Case, TwoOrders } from './agreement.ts'
import { type DrawnKinds, definitionArb } from './generate-definition.ts'
import { logOf, logPlanArb } from './generate-log.ts'
import { reordered, timelyPart } from './reorder.ts'

const picksArb = fc.array(fc.nat(999), { minLength: 61, maxLength: 61, size: 'max' }).map((picks) => picks.map((pick) => pick / 1000))

/** The generators of cases. */
export interface Generators {
  /** A valid definition and a log for it, with events out of order, copies, late events, several writers, backfills, and times at and near every limit. */
  readonly caseArb: fc.Arbitrary<Case>
  /** A case with the steps at which its fold is saved and restored, and the limit of deadlines between two steps. */
  readonly piecesArb: fc.Arbitrary<Case & { cuts: ReadonlySet<number>; limit: number }>
  /** A definition and two logs of the same records in different orders of arrival, without late events in either. */
  readonly twoOrdersArb: fc.Arbitrary<TwoOrders>
}

/** @param kinds the kinds of measures that are drawn */
export function generators(kinds: DrawnKinds): Generators {
  const caseArb = fc.tuple(definitionArb(kinds), logPlanArb).map(([{ definition, scale }, plan]) => ({ definition, log: logOf(definition, scale, plan) }))
  const cutsArb = fc.array(fc.nat(60), { maxLength: 8 }).map((places) => new Set(places))
  return {
    caseArb,
    piecesArb: fc.tuple(caseArb, cutsArb, fc.constantFrom(1, 2, 1000)).map(([generated, cuts, limit]) => ({ ...generated, cuts, limit })),
    twoOrdersArb: fc.tuple(caseArb, picksArb).map(([{ definition, log }, picks]) => {
      const timely = timelyPart(definition, log)
      return { definition, log: timely, other: reordered(definition, timely, picks) }
    }),
  }
}

/** Cases that must not change, because hashes of their outcomes are kept between releases. */
export const { caseArb, twoOrdersArb } = generators('first')
