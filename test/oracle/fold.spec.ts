import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { agree, agreeInBothOrders, publishedLines } from './agreement.ts'
import { EqualTimes } from './equal-times.ts'
import { FeatureShares, kindFeatures, requiredFeatures } from './feature.ts'
import { runFold, runFoldInPieces } from './fold-runs.ts'
import { caseArb, generators } from './generate.ts'
import { publishing } from './publishing.ts'

const allKinds = generators('all')
const { RONDO_TEST_LONG, STRYKER_MUTATOR_WORKER } = process.env
// Fewer cases are enough to find a mutant of the fold.
const numRuns = RONDO_TEST_LONG === '1' ? 20_000 : STRYKER_MUTATOR_WORKER === undefined ? 1000 : 100
const options = { numRuns }

describe('the fold', () => {
  it('agrees with the oracle, and at least 5 % of the cases have each required feature', () => {
    const shares = new FeatureShares()
    const sharing = new EqualTimes()
    fc.assert(
      fc.property(caseArb, (generated) => {
        const { disagreements, features } = agree(generated, runFold)
        shares.add(features)
        sharing.add(generated.log)
        expect(disagreements).toEqual([])
      }),
      options,
    )
    process.stdout.write(`${numRuns} cases; share with each feature: ${shares}; events that share their time: ${(100 * sharing.share).toFixed(1)} %\n`)
    expect(requiredFeatures.filter((feature) => shares.shareOf(feature) < 0.05)).toEqual([])
    expect(sharing.share).toBeGreaterThan(0.3)
  })

  it('agrees with the oracle on every kind of measure, and at least 3 % of the cases compare average, min and max', () => {
    const shares = new FeatureShares()
    fc.assert(
      fc.property(allKinds.caseArb, (generated) => {
        const { disagreements, features } = agree(generated, runFold)
        shares.add(features)
        expect(disagreements).toEqual([])
      }),
      options,
    )
    process.stdout.write(`every kind of measure: ${shares}\n`)
    expect(kindFeatures.filter((feature) => shares.shareOf(feature) < 0.03)).toEqual([])
  })

  it('publishes the same outputs as the oracle, with the same times and causes', () => {
    fc.assert(
      fc.property(allKinds.caseArb, ({ definition, log }) => {
        expect(publishedLines(runFold(definition, log).outputs)).toEqual(publishedLines(publishing(definition, log).outputs))
      }),
      { ...options, numRuns: options.numRuns / 4 },
    )
  })

  it('gives the same history in any order of arrival', () => {
    fc.assert(
      fc.property(allKinds.twoOrdersArb, (generated) => {
        expect(agreeInBothOrders(generated, runFold)).toEqual([])
      }),
      options,
    )
  })

  it('publishes the same bytes if it is saved and restored at any step, also between deadlines of one instant', () => {
    fc.assert(
      fc.property(allKinds.piecesArb, ({ definition, log, cuts, limit }) => {
        const { outputs, late } = runFold(definition, log)
        expect(JSON.stringify(runFoldInPieces(definition, log, cuts, limit))).toBe(JSON.stringify({ outputs, late }))
      }),
      options,
    )
  })
})
