// A second cycle is added to a running deployment, and processes are killed under load: each cycle has the bytes of a fold of the log by it alone.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Output } from '#contracts'
import type { CompiledCycle } from '#cycle'
import { type KafkaSettings, namesOfCycles } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { cyclesOf } from '../../libs/event-log/src/kafka/client/kafka-settings.ts'
import type { AppName, AppProcess } from '../../scripts/local/app-process.ts'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { cycleOf, feedOf, folded, logOf } from '../fixtures/broker/log-contents.ts'
import { eventually } from '../fixtures/eventually.ts'
import { historyOf } from '../fixtures/processes/rondo-command.ts'
import { Sender } from '../fixtures/processes/sender.ts'

const PARTITIONS = 3
const partitions = [0, 1, 2]
const first = join(import.meta.dirname, 'pulse.yaml')
const second = join(import.meta.dirname, '..', 'faults', 'heartbeat.yaml')
const BOTH = { RONDO_DEFINITION: `${first},${second}` }
const cycles: readonly CompiledCycle[] = [cycleOf(first), cycleOf(second)]

let home: TemporaryFolder
let cluster: LocalCluster
let settings: KafkaSettings
beforeAll(async () => {
  home = temporaryFolder()
  cluster = await LocalCluster.start({
    folder: home.path,
    definition: first,
    partitions: PARTITIONS,
    counts: { ingest: 1, processor: 2, serving: 1 },
    settings: { RONDO_SHORT_GRACE: 'yes', RONDO_SESSION: '2s', RONDO_TRANSACTION: '5s', RONDO_SILENCE: '5s', RONDO_CATCH_UP: '1s', RONDO_STALL: '10m' },
  })
  settings = { ...cluster.broker.access, group: 'rondo', partitions: PARTITIONS, replication: 1, ...names }
})
afterAll(async () => {
  await cluster?.stop()
  home?.[Symbol.dispose]()
})

const names = namesOfCycles(cycles.map(({ cycle }) => ({ cycle })))

/** The feeds of a cycle, by partition. */
const feedsOf = (cycle: KafkaSettings): Promise<string[][]> => Promise.all(partitions.map((partition) => feedOf(cycle, partition)))

/** Replaces each process by one with both definitions. */
async function replaceAll(apps: readonly AppName[]): Promise<void> {
  const before = apps.flatMap((app) => cluster.of(app))
  await cluster.prepare(BOTH, names)
  await Promise.all(before.map(({ app }) => cluster.launch(app, BOTH).ready()))
  await Promise.all(before.map((process) => process.stop()))
}

/** The number of actors in each stage, computed from the feed of a cycle. */
async function countsOf(cycle: KafkaSettings): Promise<Record<string, number>> {
  const stages = new Map<string, string>()
  const histories = Map.groupBy(
    (await feedsOf(cycle)).flat().map((output) => JSON.parse(output) as Output),
    ({ actor }) => actor.id,
  )
  for (const [actor, outputs] of histories) {
    const retracted = new Set(outputs.map(({ retracts }) => retracts))
    const last = outputs.findLast(({ id, kind }) => kind !== 'notice' && kind !== 'retraction' && !retracted.has(id))
    if (last !== undefined) stages.set(actor, last.to)
  }
  return Object.fromEntries([...Map.groupBy(stages.values(), (stage) => stage)].map(([stage, actors]) => [stage, actors.length]))
}

describe('a cycle that is added to a running deployment', () => {
  it('is folded from the beginning of the log, and both cycles have the bytes of one fold each although processors are killed', async () => {
    const sender = new Sender('a', () => cluster.of('ingest').map(({ url }) => url), 40)
    const moreAnswered = async (count: number): Promise<void> => {
      const goal = sender.answered.length + count
      await eventually(
        async () => sender.answered.length,
        (length) => length >= goal,
      )
    }
    sender.start()
    await moreAnswered(200)
    await replaceAll(['ingest', 'processor', 'serving'])
    await moreAnswered(100)
    const [doomed] = cluster.of('processor') as [AppProcess]
    await doomed.kill()
    cluster.launch('processor', BOTH)
    await moreAnswered(100)
    await sender.stop()
    await eventually(
      async () => (await Promise.all(cyclesOf(settings).map(feedsOf))).map((feeds) => historyOf(feeds.flat().map((output) => JSON.parse(output) as Output))),
      (histories) =>
        histories.every((history) => Object.values(history).length > 0 && Object.values(history).every((lines) => lines.at(-1)?.startsWith('disengage'))),
    )
    expect(await Promise.all(cluster.of('ingest').map((app) => app.stop()))).toEqual([0])
    const logs = await Promise.all(partitions.map((partition) => logOf(settings, partition)))
    for (const [i, one] of cyclesOf(settings).entries()) {
      const expected = logs.map((records) => folded(records, cycles[i] as CompiledCycle))
      const feeds = await eventually(
        () => feedsOf(one),
        (found) => found.every((feed, partition) => feed.length >= (expected[partition]?.length ?? 0)),
      )
      expect(feeds).toEqual(expected)
    }
  })

  it('is shown beside the first one, and each is filled again when Redis has lost its data', async () => {
    const [serving] = cluster.of('serving') as [AppProcess]
    const shown = async (cycle: string): Promise<Record<string, number>> => {
      const { stages = [] } = (await (await fetch(`${serving.url}/v1/cycles/${cycle}/stages`)).json()) as { stages?: { id: string; actors: number }[] }
      return Object.fromEntries(stages.filter(({ actors }) => actors > 0).map(({ id, actors }) => [id, actors]))
    }
    const expected = await Promise.all(cyclesOf(settings).map(countsOf))
    const bothShown = (): Promise<Record<string, number>[]> =>
      eventually(
        () => Promise.all(cycles.map(({ cycle }) => shown(cycle))),
        (found) =>
          JSON.stringify(found.map((stages) => Object.entries(stages).sort())) === JSON.stringify(expected.map((stages) => Object.entries(stages).sort())),
      )
    expect(await bothShown()).toEqual(expected)
    const redis = new Redis(cluster.redis.url, cluster.redis.administrator)
    await redis.flushall()
    expect(await bothShown()).toEqual(expected)
    const keys = await redis.keys('*:current')
    redis.disconnect()
    expect(keys.sort()).toEqual(['rondo:current', 'rondo:heartbeat:current'])
  })
})
