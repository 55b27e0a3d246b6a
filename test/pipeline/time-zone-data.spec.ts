import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type CycleDefinition, formatInstant } from '#contracts'
import { compileCycle } from '#cycle'
import { type CommitBatch, type DataFolder, type OwnedPartition, openDataFolder } from '#event-log'
import { runPartition } from '#pipeline'
import { type TemporaryFolder, temporaryFolder, timeZoneData } from '#runtime'
import { presence } from '../fixtures/cycles/presence.ts'

const START = Date.UTC(2026, 0, 1)
const LOG = [
  { record: 'writer.open', writer: 'w', time: formatInstant(START) },
  { id: 'visit', type: 'track', event: 'Visit', actor: { type: 'user', id: 'ann' }, time: formatInstant(START), receivedAt: formatInstant(START) },
  { record: 'tick', writer: 'w', time: formatInstant(START + 1) },
]
/** All parts of a definition that count by local days. */
const usesLocalDays: Record<string, Partial<CycleDefinition>> = {
  'days in a window': { measures: { spent: { days: 'visit', within: '7d' } } },
  'days at all': { measures: { spent: { days: 'visit' } } },
  'a window above two days': { measures: { spent: { count: 'visit', within: '49h' } } },
  'a personal absence': {
    stages: presence.stages.map((stage) => (stage.kind === 'lapsed' ? stage : { ...stage, absence: { usual: 0.9, floor: '1d', ceiling: '9d' } })),
  },
}

let home: TemporaryFolder
let folder: DataFolder
beforeEach(async () => {
  home = temporaryFolder()
  folder = openDataFolder({ path: home.path, partitions: 1, identity: {} })
  await folder.writer.append(0, [LOG.map((record) => JSON.stringify(record)).join('\n')])
})
afterEach(async () => {
  await folder.close()
  home[Symbol.dispose]()
})

/** Folds the log from the stored state, as if that had been stored with time zone data of a version. @returns its warnings and its batches */
async function fold(definition: CycleDefinition, storedWith = timeZoneData): Promise<{ warnings: string[]; batches: CommitBatch[] }> {
  const reader = folder.reader()
  const owned = await new Promise<OwnedPartition>((resolve, reject) => {
    reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
  })
  const end = new AbortController()
  const batches: CommitBatch[] = []
  const aged = (text: string): string => JSON.stringify({ ...JSON.parse(text), zones: storedWith })
  const read: OwnedPartition['read'] = async (offset, limits) => {
    const records = await owned.read(offset, { ...limits, waitMs: 0 })
    if (records.length === 0 && limits.waitMs > 0) end.abort()
    return records
  }
  const partition: OwnedPartition = {
    partition: 0,
    partitions: 1,
    committed: () => owned.committed(),
    async partitionMetadata() {
      const text = await owned.partitionMetadata()
      return text === undefined ? undefined : aged(text)
    },
    names: () => owned.names(),
    async *checkpoints() {
      for await (const part of owned.checkpoints()) yield { ...part, metadata: aged(part.metadata) }
    },
    read,
    commit(batch) {
      batches.push(batch)
      return owned.commit(batch)
    },
  }
  const warnings: string[] = []
  const report: Parameters<typeof runPartition>[2]['report'] = (progress) => progress.kind === 'zones' && warnings.push(progress.warning)
  // One commit saves every bucket of actors, so that its metadata can be seen.
  await runPartition(partition, compileCycle(definition), { signal: end.signal, report, limits: { checkpointRound: 1 } })
  await reader.close()
  return { warnings, batches }
}

describe('time zone data', () => {
  it('is named in each checkpoint and each batch', async () => {
    const { batches } = await fold(presence)
    const texts = batches.flatMap(({ partitionMetadata, checkpoints }) => [partitionMetadata, ...checkpoints.map(({ metadata }) => metadata)])
    expect(texts.length).toBeGreaterThan(1)
    expect(new Set(texts.map((text) => JSON.parse(text).zones))).toEqual(new Set([process.versions['tz']]))
  })

  it.each(Object.entries(usesLocalDays))('of another version is reported if the definition has %s in a zone with changes', async (_, parts) => {
    const definition = { ...presence, ...parts, timezone: 'Europe/Berlin' }
    await fold(definition)
    expect((await fold(definition)).warnings).toEqual([])
    expect((await fold(definition, '2019b')).warnings).toEqual([
      expect.stringMatching(new RegExp(`^Days of Europe/Berlin were counted with time zone data 2019b so far, and are with ${timeZoneData} from now on`)),
    ])
  })

  it.each([
    ['UTC', usesLocalDays['days at all']],
    ['Etc/GMT+5', usesLocalDays['days at all']],
    ['Etc/UTC', usesLocalDays['days at all']],
    ['+05:30', usesLocalDays['days at all']],
    ['Europe/Berlin', { measures: { spent: { count: 'visit', within: '48h' } } }],
    ['Europe/Berlin', {}],
  ] as const)('has no effect in %s with %j', async (timezone, parts) => {
    const definition = { ...presence, ...parts, timezone } as CycleDefinition
    await fold(definition)
    expect((await fold(definition, '2019b')).warnings).toEqual([])
  })

  it('gives no warning if nothing is stored yet', async () => {
    expect((await fold({ ...presence, ...usesLocalDays['days at all'], timezone: 'Europe/Berlin' }, '2019b')).warnings).toEqual([])
  })
})
