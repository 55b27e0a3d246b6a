import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { agree, agreeInBothOrders, publishedLines } from './agreement.ts'
import { runFold, runFoldInPieces } from './fold-runs.ts'
import { addressedCaseArb, addressedPiecesArb, addressedTwoOrdersArb } from './generate-addressed.ts'
import { publishing } from './publishing.ts'

const options = { numRuns: process.env['RONDO_TEST_LONG'] === '1' ? 10_000 : 400 }

describe('the fold of a definition that counts events for the actors that they name', () => {
  it('agrees with the oracle, also where events name nobody, or the same actor twice', () => {
    const features = new Map<string, number>()
    fc.assert(
      fc.property(addressedCaseArb, (generated) => {
        const agreement = agree(generated, runFold)
        for (const feature of agreement.features) features.set(feature, (features.get(feature) ?? 0) + 1)
        expect(agreement.disagreements).toEqual([])
      }),
      options,
    )
    const rare = ['not addressed', 'duplicate', 'retraction', 'late by grace', 'late by bound'].filter(
      (feature) => (features.get(feature) ?? 0) < options.numRuns / 20,
    )
    expect(rare).toEqual([])
  })

  it('publishes the same outputs as the oracle, with the same times and causes', () => {
    fc.assert(
      fc.property(addressedCaseArb, ({ definition, log }) => {
        expect(publishedLines(runFold(definition, log).outputs)).toEqual(publishedLines(publishing(definition, log).outputs))
      }),
      { ...options, numRuns: options.numRuns / 4 },
    )
  })

  it('gives the same history in any order of arrival', () => {
    fc.assert(
      fc.property(addressedTwoOrdersArb, (generated) => {
        expect(agreeInBothOrders(generated, runFold)).toEqual([])
      }),
      options,
    )
  })

  it('publishes the same bytes if it is saved and restored at any step', () => {
    fc.assert(
      fc.property(addressedPiecesArb, ({ definition, log, cuts, limit }) => {
        const { outputs, late } = runFold(definition, log)
        expect(JSON.stringify(runFoldInPieces(definition, log, cuts, limit))).toBe(JSON.stringify({ outputs, late }))
      }),
      options,
    )
  })
})
