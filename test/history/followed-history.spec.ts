import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { CycleDefinition } from '#contracts'
import { temporaryFolder } from '#runtime'
import { caseArb, twoOrdersArb } from '../oracle/generate.ts'
import { addressedCaseArb } from '../oracle/generate-addressed.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { expectedRelations } from './expected-relations.ts'
import { FollowedFolder } from './followed-folder.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const numRuns = isLong ? 200 : 20
const parent = temporaryFolder()
let folders = 0
afterAll(() => parent[Symbol.dispose]())

/** History does not know what bounds push out of journals, by which copies are forgotten: with the default bounds these logs reach none. */
const unbounded = ({ journal: _, journals: __, ...definition }: CycleDefinition): CycleDefinition => definition

/** After each part of the log it is folded, and followed for some steps; then the follower may begin again from its file. */
const partsArb = fc.array(
  fc.record({ share: fc.integer({ min: 1, max: 9 }), rowsMax: fc.constantFrom(1, 7, 1000), stepsMax: fc.nat(3), forgets: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 5,
  },
)
type Part = typeof partsArb extends fc.Arbitrary<(infer T)[]> ? T : never

async function followed(definition: CycleDefinition, log: readonly LogRecord[], parts: readonly Part[]): Promise<FollowedFolder> {
  const folder = await FollowedFolder.open(definition, `${parent.path}/${folders++}`)
  const shares = parts.reduce((sum, { share }) => sum + share, 0)
  let [from, passed] = [0, 0]
  for (const { share, forgets, ...limits } of parts) {
    passed += share
    const to = Math.round((log.length * passed) / shares)
    await folder.append(log.slice(from, to))
    from = to
    await folder.fold()
    await folder.follow(limits)
    if (forgets) folder.forget()
  }
  await folder.follow()
  return folder
}

describe('a history that follows feed and log', () => {
  it.each([
    ['its senders', caseArb],
    ['those whom events name', addressedCaseArb],
  ] as const)('has the relations that follow from all of it, in a cycle of %s, however it is cut and restarted', async (_, cases) => {
    await fc.assert(
      fc.asyncProperty(cases, partsArb, async ({ definition: drawn, log }, parts) => {
        const definition = unbounded(drawn)
        const folder = await followed(definition, log, parts)
        try {
          expect(await folder.relations()).toEqual(expectedRelations(definition, log, await folder.feed()))
        } finally {
          await folder.close()
        }
      }),
      { numRuns, endOnFailure: !isLong },
    )
  })

  it('is the same for every order of arrival within grace', async () => {
    await fc.assert(
      fc.asyncProperty(twoOrdersArb, partsArb, async ({ definition, log, other }, parts) => {
        const [one, two] = [await followed(definition, log, parts), await followed(definition, other, parts)]
        const withoutSeq = async (folder: FollowedFolder) => {
          const { stays, active } = await folder.relations()
          return { active, stays: stays.map((row) => JSON.stringify({ ...(JSON.parse(row) as object), seq: 0 })).sort() }
        }
        try {
          expect(await withoutSeq(one)).toEqual(await withoutSeq(two))
        } finally {
          await Promise.all([one.close(), two.close()])
        }
      }),
      { numRuns, endOnFailure: !isLong },
    )
  })
})
