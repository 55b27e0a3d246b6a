import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { agree, agreeInBothOrders } from './agreement.ts'
import { FeatureShares, requiredFeatures } from './feature.ts'
import { runFold, runFoldInPieces } from './fold-runs.ts'
import { caseArb, piecesArb, twoOrdersArb } from './generate.ts'

const isLong = process.env.RONDO_TEST_LONG === '1'
const numRuns = isLong ? 20_000 : 1000
const seed = process.env.RONDO_TEST_SEED === undefined ? undefined : { seed: Number(process.env.RONDO_TEST_SEED) }

describe('the fold', () => {
  it('agrees with the oracle, and what it meets has every feature in one case of twenty at least', () => {
    const shares = new FeatureShares()
    fc.assert(
      fc.property(caseArb, (generated) => {
        const { disagreements, features } = agree(generated, runFold)
        shares.add(features)
        expect(disagreements).toEqual([])
      }),
      { numRuns, ...seed },
    )
    process.stdout.write(`${numRuns} cases; share with each feature: ${shares}\n`)
    expect(requiredFeatures.filter((feature) => shares.shareOf(feature) < 0.05)).toEqual([])
  })

  it('gives the same history in any order of arrival', () => {
    fc.assert(
      fc.property(twoOrdersArb, (generated) => {
        expect(agreeInBothOrders(generated, runFold)).toEqual([])
      }),
      { numRuns, ...seed },
    )
  })

  it('gives the same bytes wherever it is saved and restored, between deadlines of one instant too', () => {
    fc.assert(
      fc.property(piecesArb, ({ definition, log, cuts, most }) => {
        const { outputs, late } = runFold(definition, log)
        expect(JSON.stringify(runFoldInPieces(definition, log, cuts, most))).toBe(JSON.stringify({ outputs, late }))
      }),
      { numRuns, ...seed },
    )
  })
})
