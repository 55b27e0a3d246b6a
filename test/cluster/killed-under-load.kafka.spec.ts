import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { identityOf } from '#cycle'
import { type KafkaSettings, openKafkaLog, partitionOf } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import type { AppProcess } from '../../scripts/local/app-process.ts'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { root } from '../../scripts/root.ts'
import { cycleOf, entriesOf, feedOf, folded, isControl, type LogEntry, logOf, valuesOf } from '../fixtures/broker/log-contents.ts'
import { eventually } from '../fixtures/eventually.ts'
import { historyOf } from '../fixtures/processes/rondo-command.ts'
import { post } from '../fixtures/processes/running-app.ts'
import { Sender } from '../fixtures/processes/sender.ts'

const PARTITIONS = 3
const definition = join(import.meta.dirname, 'pulse.yaml')
const partitions = [0, 1, 2]

let home: TemporaryFolder
let cluster: LocalCluster
let settings: KafkaSettings
beforeAll(async () => {
  home = temporaryFolder()
  cluster = await LocalCluster.start({
    folder: home.path,
    definition,
    partitions: PARTITIONS,
    counts: { ingest: 2, processor: 2, reactor: 1 },
    settings: { RONDO_SHORT_GRACE: 'yes', RONDO_SESSION: '2s', RONDO_TRANSACTION: '5s', RONDO_SILENCE: '5s', RONDO_CATCH_UP: '1s', RONDO_STALL: '10m' },
  })
  settings = { ...cluster.broker.access, group: 'rondo', partitions: PARTITIONS, replication: 1, identity: {} }
})
afterAll(async () => {
  await cluster?.stop()
  home?.[Symbol.dispose]()
})

const urls = (): string[] => cluster.of('ingest').map(({ url }) => url)
const framesOf = (partition: number): Promise<string[]> => valuesOf(settings, 'activity', partition)

/** The reason from the readiness probe of an app for not being ready. */
async function reasonOf({ url }: AppProcess): Promise<string | undefined> {
  return ((await (await fetch(`${url}/v1/health/ready`)).json()) as { reason?: string }).reason
}

const feedsNow = (): Promise<string[][]> => Promise.all(partitions.map((partition) => feedOf(settings, partition)))

/** The writers that are open at the end of a partition's log. */
function openWriters(entries: readonly LogEntry[]): string[] {
  const open = new Set<string>()
  for (const entry of entries.filter(isControl)) {
    if (entry.record === 'writer.open') open.add(entry.writer)
    if (entry.record === 'writer.close') open.delete(entry.writer)
  }
  return [...open]
}

describe('Rondo on Kafka in several processes', () => {
  it('publishes the same bytes as one fold of its log, although a processor and an ingest process are killed and another is retired', async () => {
    const [firstUrl, secondUrl] = urls() as [string, string]
    const [doomed] = cluster.of('ingest') as [AppProcess]
    const [doomedProcessor] = cluster.of('processor') as [AppProcess]
    const senders = [new Sender('a', () => [...new Set([firstUrl, ...urls()])], 40), new Sender('b', () => [...new Set([secondUrl, ...urls()])], 60)]
    const answered = (): string[] => senders.flatMap((sender) => sender.answered)
    const moreAnswered = async (count: number): Promise<void> => {
      const goal = answered().length + count
      await eventually(
        () => answered().length,
        (length) => length >= goal,
      )
    }
    for (const sender of senders) sender.start()
    await moreAnswered(200)
    await doomedProcessor.kill()
    await moreAnswered(100)
    await doomed.kill()
    await moreAnswered(1)
    const replacement = cluster.launch('processor')
    const successor = await cluster.launch('ingest').ready()
    await moreAnswered(100)
    // The next ingest process gets an orderly shutdown under load. Every event that it answered is in the log, and it closes its writer.
    const [retiring] = cluster.of('ingest') as [AppProcess]
    expect(await retiring.stop()).toBe(0)
    expect(cluster.of('ingest')).toEqual([successor])
    await moreAnswered(200)
    await Promise.all(senders.map((sender) => sender.stop()))
    await replacement.ready()
    // The absence is 3 s, so log time must move more than 3 s beyond the last events before the last ingest process closes its writer.
    await eventually(
      async () => Object.values(historyOf((await feedsNow()).flat().map((output) => JSON.parse(output) as Output))),
      (histories) => histories.every((lines) => lines.at(-1)?.startsWith('disengage')),
    )
    const codes = await Promise.all(cluster.of('ingest').map((app) => app.stop()))
    expect(codes).toEqual([0])

    const logs = await Promise.all(partitions.map((partition) => logOf(settings, partition)))
    const entries = logs.map((records) => entriesOf(records.map(({ frame }) => frame)))
    expect(entries.map(openWriters)).toEqual([[], [], []])
    // The writer of the killed process was closed by the other one, in every partition.
    expect(entries.map((log) => log.filter((entry) => isControl(entry) && 'by' in entry).length)).toEqual([1, 1, 1])
    const written = new Map(entries.flatMap((log, partition) => log.flatMap((entry) => (isControl(entry) ? [] : [[entry.id, { entry, partition }] as const]))))
    expect(answered().filter((id) => !written.has(id))).toEqual([])
    for (const { entry, partition } of written.values()) expect(partitionOf(entry.actor.id, PARTITIONS)).toBe(partition)

    const cycle = cycleOf(definition)
    const expected = logs.map((records) => folded(records, cycle))
    const counts = await eventually(
      async () => (await feedsNow()).map((feed) => feed.length),
      (lengths) => lengths.every((length, partition) => length >= (expected[partition]?.length ?? 0)),
    )
    expect(counts).toEqual(expected.map((outputs) => outputs.length))
    const feeds = await feedsNow()
    expect(feeds).toEqual(expected)
    const kinds = new Set(feeds.flat().map((output) => JSON.parse(output).kind))
    expect(kinds).toEqual(new Set(['advance', 'notice', 'disengage', 'retraction', 'return']))

    const [reactor] = cluster.of('reactor') as [AppProcess]
    const followed = await eventually(
      async () => (await (await fetch(`${reactor.url}/v1/followed`)).json()) as { partitions: { outputs: number }[] },
      ({ partitions: tallies }) => tallies.reduce((sum, { outputs }) => sum + outputs, 0) >= feeds.flat().length,
    )
    expect(followed.partitions.map(({ outputs }) => outputs)).toEqual(counts)
  })

  it('has nothing left to do after an orderly shutdown of its processors', async () => {
    const processors = cluster.of('processor')
    expect(processors.length).toBe(2)
    expect(await Promise.all(processors.map((process) => process.stop()))).toEqual([0, 0])
    const cycle = cycleOf(definition)
    const log = await openKafkaLog({ ...settings, identity: identityOf(cycle) })
    const reader = log.reader()
    const committed = new Map<number, number | undefined>()
    await reader.own({ assigned: (owned) => void owned.committed().then((position) => committed.set(owned.partition, position?.offset)), revoked() {} })
    await eventually(
      async () => committed.size,
      (size) => size === PARTITIONS,
    )
    await reader.close()
    const lengths = await Promise.all(partitions.map(async (partition) => (await framesOf(partition)).length))
    expect(partitions.map((partition) => committed.get(partition))).toEqual(lengths.map((length) => length - 1))
  })

  it('answers with the refused events, and keeps them in the topic quarantine', async () => {
    const ingest = await cluster.launch('ingest').ready()
    const { status, body } = await post(`${ingest.url}/v1/batch`, {
      batch: [
        { type: 'track', userId: 'u1', event: 'Beat' },
        { type: 'track', event: 'Beat' },
      ],
    })
    expect([status, body['accepted'], (body['rejected'] as unknown[]).length]).toEqual([200, 1, 1])
    const refused = (await Promise.all(partitions.map((partition) => valuesOf(settings, 'quarantine', partition)))).flat()
    expect(refused.map((record) => JSON.parse(record).where)).toEqual(['POST /v1/batch, index 1'])
    expect(await ingest.stop()).toBe(0)
  })

  it('ends an ingest process whose clock is wrong by an hour', async () => {
    const before = (await Promise.all(partitions.map(framesOf))).map((frames) => frames.length)
    for (const ms of ['3600000', '-3600000']) {
      const ingest = cluster.launch('ingest', { RONDO_FAULT_CLOCK: ms })
      await ingest.ended
      expect([ingest.child.exitCode, ingest.output]).toEqual([1, expect.stringContaining('RONDO_CLOCK_OFF')])
    }
    expect((await Promise.all(partitions.map(framesOf))).map((frames) => frames.length)).toEqual(before)
  })

  it('shows in its probes that the brokers do not answer, and that they answer again', async () => {
    const processor = await cluster.launch('processor').ready()
    const [reactor] = cluster.of('reactor') as [AppProcess]
    const reasons = () => Promise.all([processor, reactor].map(reasonOf))
    expect(await reasons()).toEqual([undefined, undefined])
    await cluster.broker.kill()
    const away = await eventually(reasons, (output) => output.every((reason) => reason !== undefined))
    expect(away).toEqual([expect.stringContaining('The group has not answered for'), expect.stringContaining('has not been read for')])
    await cluster.broker.start()
    await eventually(reasons, (output) => output.every((reason) => reason === undefined))
  })

  it('ends an idle processor and an idle reactor although the brokers do not answer', async () => {
    const ending = [...cluster.of('processor'), ...cluster.of('reactor')]
    expect(ending.length).toBe(2)
    await cluster.broker.kill()
    // Waits until the pending requests of both apps have failed.
    await eventually(
      () => Promise.all(ending.map(reasonOf)),
      (reasons) => reasons.every((reason) => reason !== undefined),
    )
    const codes = await Promise.all(ending.map((process) => process.stop()))
    await cluster.broker.start()
    // A process that closes its connections without an answer reports this and ends with 1.
    expect(codes).toEqual([0, 0])
  })

  it('has no setting that the guide for operators does not explain', () => {
    const page = readFileSync(join(root, 'docs', 'guides', 'operate.md'), 'utf8')
    for (const app of ['ingest', 'processor', 'reactor', 'serving']) {
      const { stdout, status } = spawnSync(process.execPath, [join(root, 'dist', 'apps', app, 'src', 'main.js'), '--help'], { encoding: 'utf8' })
      const names = stdout.match(/RONDO_[A-Z_]+/g) ?? []
      expect([status, names.length > 5, names.filter((name) => !page.includes(name))]).toEqual([0, true, []])
    }
  })

  it('reports all defects of a configuration at once', async () => {
    const processor = cluster.launch('processor', { RONDO_BROKERS: 'nonsense', RONDO_PARTITIONS: 'many', RONDO_DEFINITION: '' })
    await processor.ended
    expect(processor.child.exitCode).toBe(2)
    for (const name of ['RONDO_BROKERS', 'RONDO_PARTITIONS', 'RONDO_DEFINITION']) expect(processor.output).toContain(name)
    const hasty = cluster.launch('ingest', { RONDO_SILENCE: '0s', RONDO_CATCH_UP: '365d' })
    await hasty.ended
    expect(hasty.child.exitCode).toBe(2)
    for (const bounds of ['RONDO_SILENCE: expected a duration from 5s to 1d', 'RONDO_CATCH_UP: expected a duration from 0s to 1d'])
      expect(hasty.output).toContain(bounds)
  })
})
