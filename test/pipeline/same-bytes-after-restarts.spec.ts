import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { FolderArchive, writeArchive } from '#archive'
import { type CycleDefinition, formatInstant } from '#contracts'
import { compileCycle } from '#cycle'
import { type DataFolder, FolderHistory, type OwnedPartition, openDataFolder, trimLog } from '#event-log'
import { runPartition } from '#pipeline'
import { temporaryFolder } from '#runtime'
import { runFold } from '../oracle/fold-runs.ts'
import { caseArb } from '../oracle/generate.ts'
import { addressedCaseArb } from '../oracle/generate-addressed.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { Crash } from './crashing-partition.ts'
import { feedOf, framesOf, type Life, live } from './owner-life.ts'

const isLong = process.env.RONDO_TEST_LONG === '1'
/** Each case is a data folder with some dozens of syncs. A failing case is reduced only in the long run. */
const numRuns = isLong ? 1500 : 80
const parent = temporaryFolder()
let folders = 0

afterAll(() => parent[Symbol.dispose]())

/** The sizes of batches. */
type Limits = NonNullable<Parameters<typeof runPartition>[2]['limits']>

describe('a partition run', () => {
  it('publishes the same outputs as one fold of the log, with owners that die at random commits and batches of random sizes', async () => {
    await fc.assert(
      fc.asyncProperty(caseArb, cutsArb, livesArb, limitsArb, async ({ definition, log }, sizes, lives, limits) => {
        await expectOneFold({ definition, log }, { sizes, lives, limits })
      }),
      { numRuns, endOnFailure: !isLong },
    )
  })

  it('pushes the same entries out of full journals after a restore', async () => {
    await fc.assert(
      fc.asyncProperty(crowdedLogArb, cutsArb, livesArb, limitsArb, async (log, sizes, lives, limits) => {
        await expectOneFold({ definition: crowded, log }, { sizes, lives: [...lives, { commits: 9, when: 'after' }], limits })
      }),
      { numRuns: numRuns / 2, endOnFailure: !isLong },
    )
  })
})

describe('a partition run of a cycle that counts events for the actors that they name', () => {
  it('publishes the same outputs as one fold of the log, with owners that die at random commits', async () => {
    await fc.assert(
      fc.asyncProperty(addressedCaseArb, cutsArb, livesArb, limitsArb, async (generated, sizes, lives, limits) => {
        await expectOneFold(generated, { sizes, lives, limits })
      }),
      { numRuns: numRuns / 2, endOnFailure: !isLong },
    )
  })

  it('pushes the same entries out of full journals after a restore, where one event enters several journals', async () => {
    const definition: CycleDefinition = { ...crowded, actor: { type: 'place', id: 'properties.places' } }
    const placesArb = fc.array(fc.subarray(['north', 'east', 'south', 'west', 'center']), { minLength: 7, maxLength: 7 })
    await fc.assert(
      fc.asyncProperty(fc.tuple(crowdedLogArb, placesArb), cutsArb, livesArb, limitsArb, async ([log, places], sizes, lives, limits) => {
        const addressed = log.map((record, n) => ('record' in record ? record : { ...record, properties: { places: places[n % places.length] } }))
        await expectOneFold({ definition, log: addressed }, { sizes, lives: [...lives, { commits: 9, when: 'after' }], limits })
      }),
      { numRuns: numRuns / 2, endOnFailure: !isLong },
    )
  })
})

describe('a rebuild', () => {
  it('from an archive and what is left of the log gives the same bytes, wherever the log was cut and owners die', async () => {
    await fc.assert(
      fc.asyncProperty(caseArb, cutsOfRebuildArb, async ({ definition, log }, { sizes, lives, limits, share }) => {
        const folder = openFolder(`${parent.path}/${folders++}`)
        await folder.writer.append(0, framesOf(log, sizes))
        await live(folder, definition, { limits, life: undefined })
        const before = await storedIn(folder)
        expect(before.outputs).toEqual(runFold(definition, log).outputs.map((output) => JSON.stringify(output)))
        await moveIntoArchive(folder, share)
        await folder.close()
        rmSync(`${folder.path}/state.db`)
        const rebuilt = openFolder(folder.path)
        for (const life of [...lives, undefined]) await live(rebuilt, definition, { limits, life })
        expect(await storedIn(rebuilt)).toEqual(before)
        await rebuilt.close()
      }),
      { numRuns: numRuns / 4, endOnFailure: !isLong },
    )
  })
})

describe('a partition run whose log does not answer', () => {
  it('ends at the signal, although its pending read has no answer', async () => {
    const end = new AbortController()
    const unreachable: OwnedPartition = {
      partition: 0,
      partitions: 1,
      committed: async () => undefined,
      partitionMetadata: async () => undefined,
      names: async () => [],
      async *checkpoints() {},
      read: () => new Promise(() => setImmediate(() => end.abort())),
      commit: () => Promise.reject(new Crash('before')),
    }
    await runPartition(unreachable, compileCycle(crowded), { signal: end.signal })
    expect(end.signal.aborted).toBe(true)
  })
})

const livesArb = fc.array(fc.record({ commits: fc.nat(4), when: fc.constantFrom<Life['when']>('before', 'after') }), { maxLength: 6 })
const cutsArb = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 9 })
const limitsArb = fc.record({
  outputsMax: fc.integer({ min: 1, max: 5 }),
  firingsAtOnce: fc.integer({ min: 1, max: 3 }),
  checkpointRound: fc.constantFrom(4, 25, 60, 10_000),
})

/** The cuts of a rebuild, and the share of the frames that leave the log. */
const cutsOfRebuildArb = fc.record({ sizes: cutsArb, lives: livesArb, limits: limitsArb, share: fc.double({ min: 0, max: 1, noNaN: true }) })

/** A cycle in which every event moves its actor, so that a lost, repeated or misplaced event changes the outputs. */
const crowded: CycleDefinition = {
  cycle: 'pendulum',
  version: 1,
  actor: 'user',
  grace: '20d',
  journals: 4,
  stages: [
    { id: 'left', kind: 'active' },
    { id: 'right', kind: 'active' },
  ],
  signals: { visit: { event: '*' } },
  transitions: [
    { id: 'first', from: 'start', to: 'left', trigger: 'any' },
    { id: 'to-right', from: 'left', to: 'right', trigger: 'any' },
    { id: 'to-left', from: 'right', to: 'left', trigger: 'any' },
  ],
}

/** A log of six actors. Events are about a day apart, some arrive days later, and there are few ticks. */
const crowdedLogArb = fc
  .array(fc.record({ actor: fc.nat(5), hours: fc.nat(20), lateHours: fc.oneof(fc.constant(0), fc.nat(200)), ticks: fc.boolean() }), {
    minLength: 20,
    maxLength: 90,
  })
  .map((batches) => {
    let now = Date.UTC(2026, 0, 1)
    const log: LogRecord[] = [{ record: 'writer.open', writer: 'w', time: formatInstant(now) }]
    for (const [index, { actor, hours, lateHours, ticks }] of batches.entries()) {
      now += hours * 3_600_000
      log.push({
        id: `e${index}`,
        type: 'track',
        event: 'Visit',
        actor: { type: 'user', id: `actor${actor}` },
        time: formatInstant(now - lateHours * 3_600_000),
        receivedAt: formatInstant(now),
      })
      if (ticks) log.push({ record: 'tick', writer: 'w', time: formatInstant(now) })
    }
    return log
  })

/** How a log is cut into frames, batches and lives of owners. */
interface Cuts {
  readonly sizes: readonly number[]
  readonly lives: readonly Life[]
  readonly limits: Limits
}

function openFolder(path: string): DataFolder {
  return openDataFolder({ path, partitions: 1, identity: { cycle: 'generated' }, openArchive: async (archive, name) => new FolderArchive(archive, name) })
}

/** Archives the log, and removes a share of its frames. */
async function moveIntoArchive({ path, writer }: DataFolder, share: number): Promise<void> {
  const log = new FolderHistory(path)
  const archive = `${path}/archive`
  await writeArchive({ archive, log })
  const { begin, end } = await log.bounds(0)
  await trimLog(writer, { partition: 0, begin, below: Math.ceil(share * end), archive })
  log.close()
}

/** What readers see of a fold that has come to the end of its log. */
async function storedIn(folder: DataFolder): Promise<{ outputs: string[]; late: unknown; position: unknown; names: unknown }> {
  const state = folder.stateReader()
  const stored = { late: await state.late(0, 1000), position: await state.position(0), names: await state.names(0) }
  state.close()
  return { outputs: await feedOf(folder), ...stored }
}

async function expectOneFold({ definition, log }: { definition: CycleDefinition; log: readonly LogRecord[] }, { sizes, lives, limits }: Cuts): Promise<void> {
  const folder = openFolder(`${parent.path}/${folders++}`)
  await folder.writer.append(0, framesOf(log, sizes))
  for (const life of [...lives, undefined]) await live(folder, definition, { limits, life })
  const expected = runFold(definition, log)
  expect(await feedOf(folder)).toEqual(expected.outputs.map((output) => JSON.stringify(output)))
  await folder.close()
}
