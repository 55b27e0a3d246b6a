import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { runFold } from '../oracle/fold-runs.ts'
import { caseArb } from '../oracle/generate.ts'
import { keptHash } from './kept-hashes.ts'

const [CASES, PART] = [1000, 100]
const cases = fc.sample(caseArb, { numRuns: CASES, seed: 20_261_128 })

it.each(Array.from({ length: CASES / PART }, (_, part) => part))('the fold writes the same bytes as before: part %i', (part) => {
  const chosen = cases.slice(part * PART, (part + 1) * PART)
  // If the generator has changed, the hash of its logs differs first.
  const inputs = keptHash(`inputs ${part}`, JSON.stringify(chosen))
  const outputs = keptHash(`outputs ${part}`, JSON.stringify(chosen.map(({ definition, log }) => runFold(definition, log))))
  expect({ inputs: inputs.found, outputs: outputs.found }).toEqual({ inputs: inputs.kept, outputs: outputs.kept })
})
