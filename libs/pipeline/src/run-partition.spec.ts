import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { formatInstant, type Output, RondoError } from '#contracts'
import { compileCycle } from '#cycle'
import { type DataFolder, type OwnedPartition, openDataFolder } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { presence } from '../../../test/fixtures/cycles/presence.ts'
import { runPartition } from './run-partition.ts'

const START = Date.UTC(2026, 0, 1)
const DAY = 86_400_000
const ACTORS = 40
/** So small that the few outputs of this test fill several batches. */
const limits = { outputsMax: 5, firingsAtOnce: 5 }
const control = (record: string, time: number): string => JSON.stringify({ record, writer: 'w', time: formatInstant(time) })
const visit = (n: number): string =>
  JSON.stringify({
    id: `e${n}`,
    type: 'track',
    event: 'Visit',
    actor: { type: 'user', id: `a${n}` },
    time: formatInstant(START),
    receivedAt: formatInstant(START),
  })
const visits = Array.from({ length: ACTORS }, (_, n) => visit(n))

let home: TemporaryFolder
let folder: DataFolder
beforeEach(() => {
  home = temporaryFolder()
  folder = openDataFolder({ path: home.path, partitions: 1, identity: {} })
})
afterEach(async () => {
  await folder.close()
  home[Symbol.dispose]()
})

async function ownPartition(): Promise<OwnedPartition> {
  const { promise, resolve, reject } = Promise.withResolvers<OwnedPartition>()
  folder
    .reader()
    .own({ assigned: resolve, revoked: () => undefined })
    .catch(reject)
  return await promise
}

/** Runs the partition until a number of batches is committed; without a number, until the log is read. @param failure of the last of these @returns the outputs of these batches */
async function run(owned: OwnedPartition, batchesMax = Number.POSITIVE_INFINITY, failure?: RondoError): Promise<Output[]> {
  const end = new AbortController()
  const outputs: Output[] = []
  let batches = 0
  const recordingPartition: OwnedPartition = {
    partition: owned.partition,
    partitions: owned.partitions,
    committed: () => owned.committed(),
    partitionMetadata: () => owned.partitionMetadata(),
    names: () => owned.names(),
    checkpoints: () => owned.checkpoints(),
    read: async (offset, options) => {
      const records = await owned.read(offset, { ...options, waitMs: 0 })
      if (records.length === 0 && options.waitMs > 0) end.abort()
      return records
    },
    commit: async (batch) => {
      outputs.push(...batch.outputs)
      if (++batches === batchesMax) {
        end.abort()
        if (failure !== undefined) throw failure
      }
      return await owned.commit(batch)
    },
  }
  await runPartition(recordingPartition, compileCycle(presence), { signal: end.signal, limits })
  return outputs
}

describe('a run whose signal is aborted', () => {
  it('ends without a failure if a commit fails that may succeed later, and the next one publishes all', async () => {
    await folder.writer.append(0, [control('writer.open', START), visits.join('\n')])
    const owned = await ownPartition()
    const tried = await run(owned, 1, new RondoError('RONDO_DATA_FULL', 'The disk is full.', { retriable: true }))
    expect(tried.length).toBeGreaterThan(0)
    expect((await run(owned)).filter(({ kind }) => kind === 'advance').length).toBe(ACTORS)
  })

  it.each([
    ['between two of the records that it has read', [control('writer.open', START), ...visits]],
    ['between two batches of one record, whose deadlines are many', [control('writer.open', START), visits.join('\n'), control('tick', START + 1000 * DAY)]],
  ])('stops %s, and the next one publishes the rest', async (_, frames) => {
    await folder.writer.append(0, frames)
    const owned = await ownPartition()
    const first = await run(owned, 2)
    const rest = await run(owned)
    const ids = [...first, ...rest].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(rest.length).toBeGreaterThan(limits.outputsMax)
    expect([...first, ...rest].filter(({ kind }) => kind === 'advance').length).toBe(ACTORS)
  })
})
