// planted-faults.spec.ts runs this program in a copy of the sources. It compares the fold of the copy with the oracle, and exits with
// DISAGREEMENT_EXIT_CODE at the first disagreement. Fast comparisons get more cases than slow ones.
import fc from 'fast-check'
import { agree, agreeInBothOrders, publishedLines } from './agreement.ts'
import { runFold, runFoldInPieces } from './fold-runs.ts'
import { generators } from './generate.ts'
import { addressedGenerators } from './generate-addressed.ts'
import type { DrawnKinds } from './generate-definition.ts'
import { DISAGREEMENT_EXIT_CODE } from './planted-faults.ts'
import { publishing } from './publishing.ts'

const [rounds, firstSeed] = process.argv.slice(2, 4).map(Number) as [number, number]
const kinds = process.argv[4] as DrawnKinds | 'addressed'
const { caseArb, piecesArb, twoOrdersArb } = kinds === 'addressed' ? addressedGenerators : generators(kinds)

const properties = [
  { name: 'agreement', numRuns: 100, of: fc.property(caseArb, (generated) => agree(generated, runFold).disagreements.length === 0) },
  { name: 'two orders', numRuns: 10, of: fc.property(twoOrdersArb, (generated) => agreeInBothOrders(generated, runFold).length === 0) },
  {
    name: 'publishing',
    numRuns: 40,
    of: fc.property(caseArb, ({ definition, log }) => {
      const [ofFold, ofOracle] = [runFold, publishing].map((fold) => publishedLines(fold(definition, log).outputs))
      return JSON.stringify(ofFold) === JSON.stringify(ofOracle)
    }),
  },
  {
    name: 'pieces',
    numRuns: 10,
    of: fc.property(piecesArb, ({ definition, log, cuts, limit }) => {
      const { outputs, late } = runFold(definition, log)
      return JSON.stringify(runFoldInPieces(definition, log, cuts, limit)) === JSON.stringify({ outputs, late })
    }),
  },
]

function firstDisagreement(): string | undefined {
  for (let round = 0; round < rounds; round++) {
    for (const { name, numRuns, of } of properties) {
      const { failed, numRuns: casesRun } = fc.check(of as fc.IProperty<unknown>, { numRuns, seed: firstSeed + round, endOnFailure: true })
      if (failed) return `${name}, round ${round + 1}, case ${casesRun}`
    }
  }
  return undefined
}

const disagreement = firstDisagreement()
process.stdout.write(`${disagreement ?? 'none'}\n`)
process.exitCode = disagreement === undefined ? 0 : DISAGREEMENT_EXIT_CODE
