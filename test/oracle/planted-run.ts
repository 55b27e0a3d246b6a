// Run by planted-faults.spec.ts in a copy of the sources: compares the fold of that copy with the oracle, and ends with FOUND at the first
// disagreement. The quick comparison is made often, the slow ones now and then in between.
import fc from 'fast-check'
import { agree, agreeInBothOrders, publishedLines } from './agreement.ts'
import { runFold, runFoldInPieces } from './fold-runs.ts'
import { generators } from './generate.ts'
import type { DrawnKinds } from './generate-definition.ts'
import { FOUND } from './planted-faults.ts'
import { publishing } from './publishing.ts'

const [rounds, firstSeed] = process.argv.slice(2, 4).map(Number) as [number, number]
const { caseArb, piecesArb, twoOrdersArb } = generators(process.argv[4] as DrawnKinds)

const properties = [
  { name: 'agreement', numRuns: 100, of: fc.property(caseArb, (generated) => agree(generated, runFold).disagreements.length === 0) },
  { name: 'two orders', numRuns: 10, of: fc.property(twoOrdersArb, (generated) => agreeInBothOrders(generated, runFold).length === 0) },
  {
    name: 'publishing',
    numRuns: 40,
    of: fc.property(caseArb, ({ definition, log }) => {
      const [ours, theirs] = [runFold, publishing].map((fold) => publishedLines(fold(definition, log).outputs))
      return JSON.stringify(ours) === JSON.stringify(theirs)
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
      const { failed, numRuns: made } = fc.check(of as fc.IProperty<unknown>, { numRuns, seed: firstSeed + round, endOnFailure: true })
      if (failed) return `${name}, round ${round + 1}, case ${made}`
    }
  }
  return undefined
}

const found = firstDisagreement()
process.stdout.write(`${found ?? 'none'}\n`)
process.exitCode = found === undefined ? 0 : FOUND
