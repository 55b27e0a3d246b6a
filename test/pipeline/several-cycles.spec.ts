import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { CycleDefinition } from '#contracts'
import { openDataFolder } from '#event-log'
import { SharedReading } from '#pipeline'
import { temporaryFolder } from '#runtime'
import { runFold } from '../oracle/fold-runs.ts'
import { caseArb } from '../oracle/generate.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { feedOf, framesOf, type Life, live } from './owner-life.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const numRuns = isLong ? 1000 : 24
const parent = temporaryFolder()
let folders = 0
afterAll(() => parent[Symbol.dispose]())

const lifeArb = fc.option(fc.record({ commits: fc.nat(4), when: fc.constantFrom<Life['when']>('before', 'after') }), { nil: undefined })
/** In each step both cycles are folded beside each other, each by an owner that may die. */
const stepsArb = fc.array(fc.tuple(lifeArb, lifeArb), { maxLength: 4 })
const limitsArb = fc.record({
  bytesAtOnce: fc.constantFrom(200, 2000, 1 << 20),
  outputsMax: fc.integer({ min: 1, max: 5 }),
  firingsAtOnce: fc.integer({ min: 1, max: 3 }),
  checkpointRound: fc.constantFrom(4, 60, 10_000),
})
type Limits = typeof limitsArb extends fc.Arbitrary<infer Of> ? Of : never

/** One history of a folder with two cycles. */
interface History {
  readonly log: readonly LogRecord[]
  readonly first: CycleDefinition
  readonly second: CycleDefinition
  /** The lives of the owners before the second cycle is added, and afterwards. */
  readonly alone: readonly (Life | undefined)[]
  readonly together: readonly (readonly [Life | undefined, Life | undefined])[]
  readonly limits: Limits
  readonly keptMax: number
}

const named = (definition: CycleDefinition, cycle: string): CycleDefinition => ({ ...definition, cycle })
const identityOf = ({ cycle }: CycleDefinition) => ({ identity: { cycle } })

async function expectEachAlone({ log, first, second, alone, together, limits, keptMax }: History): Promise<void> {
  const path = `${parent.path}/${folders++}`
  const before = openDataFolder({ path, partitions: 1, ...identityOf(first) })
  const half = Math.ceil(log.length / 2)
  await before.writer.append(0, framesOf(log.slice(0, half), [3, 1, 4]))
  for (const life of alone) await live(before, first, { limits, life })
  await before.close()
  // The order of the definitions is another one than that of their beginnings.
  const folder = openDataFolder({ path, partitions: 1, ...identityOf(second), others: [identityOf(first)] })
  const [stateOfSecond, stateOfFirst] = folder.states as [(typeof folder.states)[number], (typeof folder.states)[number]]
  await folder.writer.append(0, framesOf(log.slice(half), [2, 5]))
  for (const [one, other] of [...together, [undefined, undefined] as const]) {
    const reading = new SharedReading({ keptMax })
    await Promise.all([live(stateOfFirst, first, { limits, life: one, reading }), live(stateOfSecond, second, { limits, life: other, reading })])
  }
  for (const [state, definition] of [[stateOfFirst, first] as const, [stateOfSecond, second] as const]) {
    expect(await feedOf(state)).toEqual(runFold(definition, log).outputs.map((output) => JSON.stringify(output)))
  }
  await folder.close()
}

describe('two cycles that are folded beside each other over one log', () => {
  it('publish the bytes that each publishes alone, with owners that die, and where the second is added later', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          cases: fc.tuple(caseArb, caseArb),
          alone: fc.array(lifeArb, { maxLength: 2 }),
          together: stepsArb,
          limits: limitsArb,
          keptMax: fc.constantFrom(0, 1000, 1 << 20),
        }),
        ({ cases: [{ definition, log }, other], ...rest }) =>
          expectEachAlone({ log, first: named(definition, 'one'), second: named(other.definition, 'two'), ...rest }),
      ),
      { numRuns, endOnFailure: !isLong },
    )
  })
})
