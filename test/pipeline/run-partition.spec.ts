import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { CycleDefinition } from '#contracts'
import { compileCycle } from '#cycle'
import { type DataFolder, type OwnedPartition, openDataFolder } from '#event-log'
import { runPartition } from '#pipeline'
import { temporaryFolder } from '#runtime'
import { runFold } from '../oracle/fold-runs.ts'
import { caseArb } from '../oracle/generate.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { Death, mortal } from './mortal-partition.ts'

const numRuns = process.env.RONDO_TEST_LONG === '1' ? 1500 : 80
const parent = temporaryFolder()
let folders = 0

afterAll(() => parent[Symbol.dispose]())

type Limits = NonNullable<Parameters<typeof runPartition>[2]['limits']>

/** A life of the processor: how many steps it commits before it dies, and on which side of the next. */
interface Life {
  readonly commits: number
  readonly when: 'before' | 'after'
}

describe('a partition run', () => {
  it('publishes what one fold of the log publishes, whenever its owners die and however its steps are cut', async () => {
    const life = fc.record({ commits: fc.nat(4), when: fc.constantFrom<Life['when']>('before', 'after') })
    const limits = fc.record({
      outputsMax: fc.integer({ min: 1, max: 5 }),
      firingsAtOnce: fc.integer({ min: 1, max: 3 }),
      checkpointRound: fc.constantFrom(4, 16, 10_000),
    })
    await fc.assert(
      fc.asyncProperty(
        caseArb,
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 9 }),
        fc.array(life, { maxLength: 6 }),
        limits,
        async ({ definition, log }, sizes, lives, stepLimits) => {
          const folder = openDataFolder({ path: `${parent.path}/${folders++}`, partitions: 1, identity: { cycle: 'generated' } })
          await folder.writer.append(0, framesOf(log, sizes))
          for (const each of [...lives, undefined]) await live(folder, definition, stepLimits, each)
          const expected = runFold(definition, log)
          expect(await feedOf(folder)).toEqual(expected.outputs.map((output) => JSON.stringify(output)))
          await folder.close()
        },
      ),
      { numRuns, interruptAfterTimeLimit: numRuns * 500, markInterruptAsFailure: true },
    )
  })
})

function framesOf(log: readonly LogRecord[], sizes: readonly number[]): string[] {
  const frames: string[] = []
  for (let from = 0, turn = 0; from < log.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    frames.push(
      log
        .slice(from, from + size)
        .map((record) => JSON.stringify(record))
        .join('\n'),
    )
    from += size
  }
  return frames
}

/** Runs until death, or until the whole log has been folded. */
async function live(folder: DataFolder, definition: CycleDefinition, limits: Limits, life: Life | undefined): Promise<void> {
  const reader = folder.reader()
  const owned = await new Promise<OwnedPartition>((resolve, reject) => {
    reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
  })
  const end = new AbortController()
  const atEnd: OwnedPartition['read'] = async (offset, readLimits) => {
    const records = await owned.read(offset, { ...readLimits, waitMs: 0 })
    // Only the run itself waits for more; a restore reads on without.
    if (records.length === 0 && readLimits.waitMs > 0) end.abort()
    return records
  }
  const run = runPartition(
    mortal({ ...bound(owned), read: atEnd }, life?.commits ?? Number.POSITIVE_INFINITY, life?.when ?? 'before'),
    compileCycle(definition),
    { signal: end.signal, limits },
  )
  await run.catch((error: unknown) => {
    if (!(error instanceof Death)) throw error
  })
  await reader.close()
}

function bound(owned: OwnedPartition): OwnedPartition {
  return mortal(owned, Number.POSITIVE_INFINITY, 'before')
}

async function feedOf(folder: DataFolder): Promise<string[]> {
  const feed = folder.stateReader()
  const outputs: string[] = []
  for (let after = 0; ; ) {
    const page = await feed.read(after, 100)
    outputs.push(...page.map(({ output }) => output))
    const last = page.at(-1)
    if (last === undefined) break
    after = last.cursor
  }
  feed.close()
  return outputs
}
