// The whole switch to more partitions, as in docs/guides/operate.md, while other programs produce into the topics of sources.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Admin, Producer } from 'kafkajs'
import type { Output } from '#contracts'
import { PartitionFold } from '#cycle'
import { type KafkaSettings, openKafkaLog } from '#event-log'
import { decodeRecord } from '#pipeline'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { root } from '../../scripts/root.ts'
import { cycleOf, feedOf, folded, logOf } from '../fixtures/broker/log-contents.ts'
import { plainClient } from '../fixtures/broker/plain-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { historyOf, rondo } from '../fixtures/processes/rondo-command.ts'

const definition = join(import.meta.dirname, 'pulse.yaml')
const cycle = cycleOf(definition)
/** The numbers of partitions before and after the switch. */
const FROM = 3
const TO = 5
/** The pause after each round: actors are silent for less than the absence of the cycle. */
const ROUND_MS = 100
const sources = `sources:
  - { name: orders, topic: shop.orders, map: { id: nr, event: { text: Beat }, actor: who, time: at } }
  - { name: clicks, topic: shop.clicks, start: end, map: { id: nr, event: { text: Beat }, actor: who, time: at } }
`
const topics = [
  { topic: 'shop.orders', source: 'orders', numPartitions: 3, time: 'CreateTime' },
  { topic: 'shop.clicks', source: 'clicks', numPartitions: 2, time: 'LogAppendTime' },
]

let home: TemporaryFolder
let cluster: LocalCluster
let admin: Admin
let producer: Producer
let before: KafkaSettings
let after: KafkaSettings
beforeAll(async () => {
  home = temporaryFolder()
  const file = join(home.path, 'sources.yaml')
  writeFileSync(file, sources)
  cluster = await LocalCluster.start({
    folder: home.path,
    definition,
    partitions: FROM,
    counts: { ingest: 2, processor: 1 },
    settings: { RONDO_SHORT_GRACE: 'yes', RONDO_SOURCES: file, RONDO_SESSION: '2s', RONDO_SILENCE: '5s', RONDO_CATCH_UP: '1s' },
    sourceTopics: topics.map(({ topic }) => topic),
    beforeIngest: makeTopics,
  })
  const both = { ...cluster.broker.access, replication: 1, identity: {} }
  before = { ...both, group: 'rondo', partitions: FROM }
  after = { ...both, group: 'rondo-g2', prefix: 'g2-', partitions: TO }
})
afterAll(async () => {
  await Promise.all([producer?.disconnect(), admin?.disconnect()])
  await cluster?.stop()
  home?.[Symbol.dispose]()
})

async function makeTopics({ broker }: LocalCluster): Promise<void> {
  const kafka = plainClient(broker)
  admin = kafka.admin()
  await admin.connect()
  const configOf = (time: string) => [{ name: 'message.timestamp.type', value: time }]
  await admin.createTopics({ topics: topics.map(({ topic, numPartitions, time }) => ({ topic, numPartitions, configEntries: configOf(time) })) })
  producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  // Records from before the first reading: one source reads them, the other skips them.
  const [orders, clicks] = topics as [(typeof topics)[number], (typeof topics)[number]]
  for (const actor of actors) await send(clicks, actor)
  sent.length = 0
  values.length = 0
  beats.clear()
  for (const actor of actors) await send(orders, actor)
}

/** The ids of events in the log. */
const sent: string[] = []
/** What was produced into the topics of sources. */
const values: { topic: string; value: string }[] = []
/** The times of each actor's events that match a signal. */
const beats = new Map<string, number[]>()
/** The last number that each source gave to an event. */
const numbers = new Map<string, number>()
async function send({ topic, source }: (typeof topics)[number], who: string): Promise<void> {
  const nr = (numbers.get(source) ?? 0) + 1
  numbers.set(source, nr)
  const at = new Date()
  const value = JSON.stringify({ nr, who, at: at.toISOString() })
  await producer.send({ topic, acks: -1, messages: [{ key: who, value }] })
  values.push({ topic, value })
  sent.push(`${source}:${nr}`)
  beats.set(who, [...(beats.get(who) ?? []), at.getTime()])
}

const actors = Array.from({ length: 10 }, (_, number) => `user-${number}`)
/** The actors that send nothing at present. */
const pausing = new Set<string>()
let isSending = true
let rounds = 0
const moreRounds = async (count: number): Promise<void> => {
  const goal = rounds + count
  await eventually(
    () => rounds,
    (sent) => sent >= goal,
  )
}
async function sendRounds(): Promise<void> {
  for (; isSending; rounds++) {
    for (const [at, actor] of actors.entries()) if (!pausing.has(actor)) await send(topics[(rounds + at) % topics.length] as (typeof topics)[number], actor)
    await sleep(ROUND_MS)
  }
}

const partitionsOf = ({ partitions }: KafkaSettings): number[] => Array.from({ length: partitions }, (_, partition) => partition)
async function foldOf(settings: KafkaSettings) {
  const dispositions = new Map<string, string[]>()
  const outputs: Output[] = []
  for (const partition of partitionsOf(settings)) {
    const fold = new PartitionFold(cycle, {
      output: (output) => outputs.push(output),
      decided: ({ id }, disposition) => dispositions.set(id, [...(dispositions.get(id) ?? []), disposition]),
    })
    for (const entry of (await logOf(settings, partition)).flatMap(decodeRecord)) {
      if (entry.kind !== 'poison') fold.apply(entry.kind === 'event' ? entry.event : entry.record)
    }
  }
  return { dispositions, outputs, disengaged: outputs.filter(({ kind }) => kind === 'disengage').length }
}
const unread = async (settings: KafkaSettings): Promise<string[]> => {
  const { dispositions } = await foldOf(settings)
  return sent.filter((id) => !dispositions.has(id))
}

async function readFrom(groupId: string): Promise<number> {
  const answers = await admin.fetchOffsets({ groupId })
  return answers.flatMap(({ partitions }) => partitions).filter(({ offset }) => Number(offset) >= 0).length
}

async function registryOf(settings: KafkaSettings): Promise<{ live: string[]; newestAt: number | undefined }> {
  const registry = (await openKafkaLog(settings)).writers()
  const { live, newestAt } = await registry.read()
  await registry.close()
  return { live: live.map(({ writer }) => writer).sort(), newestAt }
}

describe('a switch to more partitions', () => {
  it('loses no event of a source and counts no event twice, although events are produced before, during and after the switch', async () => {
    for (const { source, numPartitions } of topics)
      await eventually(
        () => readFrom(`rondo.source.${source}`),
        (count) => count === numPartitions,
      )
    const sending = sendRounds()
    // Some actors become absent and return, so that the old log has a history.
    await moreRounds(8)
    for (const actor of actors.slice(0, 3)) pausing.add(actor)
    await eventually(
      () => foldOf(before),
      ({ disengaged }) => disengaged >= 3,
    )
    pausing.clear()
    await moreRounds(12)

    expect(await Promise.all(cluster.of('ingest').map((process) => process.stop()))).toEqual([0, 0])
    const args = ['--brokers', cluster.broker.address, '--partitions', String(FROM), '--to-prefix', 'g2-', '--to-partitions', String(TO), '--replication', '1']
    const settings = { RONDO_PREFIX: 'g2-', RONDO_PARTITIONS: String(TO), RONDO_GROUP: 'rondo-g2', RONDO_GENERATION: '2' }
    await cluster.prepare(settings)
    const { code, stderr } = await rondo(['repartition', ...args], { env: cluster.broker.loginOf('commands') })
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/The source clicks continues in shop.clicks at its position: partition 0 at \d+, partition 1 at \d+\./),
    ])
    const { live, newestAt } = await registryOf(after)
    expect(live).toEqual(topics.flatMap(({ source, numPartitions }) => Array.from({ length: numPartitions }, (_, n) => `source:${source}/${n}`)).toSorted())
    // From this time an ingest process computes how long no process accepted events.
    expect(newestAt).toBeDefined()
    const [processor] = await Promise.all([cluster.launch('processor', settings).ready(), cluster.launch('ingest', settings).ready()])
    // An event that is produced again is a copy, whichever log it was read into first.
    for (const { topic, value } of values.slice(-40)) await producer.send({ topic, acks: -1, messages: [{ value }] })
    await moreRounds(12)
    isSending = false
    await sending
    await eventually(
      () => unread(after),
      (ids) => ids.length === 0,
    )
    // After this all actors are silent, and their absences are published in the new log.
    await eventually(
      () => foldOf(after),
      ({ outputs }) => Object.values(historyOf(outputs)).every((lines) => lines.at(-1)?.startsWith('disengage')),
    )
    expect(await processor.metrics()).toMatch(/^rondo_copies_dropped_total\{cycle="\w+",source="shop.orders"\} [1-9]/m)
    expect(await Promise.all(cluster.of('ingest').map((process) => process.stop()))).toEqual([0])

    const { dispositions, outputs } = await foldOf(after)
    expect([...dispositions.keys()].sort()).toEqual(sent.toSorted())
    const effective = [...dispositions].map(([id, all]) => [
      id,
      all.filter((disposition) => disposition === 'applied' || disposition === 'out-of-order').length,
    ])
    expect(effective.filter(([, times]) => times !== 1)).toEqual([])
    expect([...dispositions.values()].flat().filter((disposition) => disposition.startsWith('late'))).toEqual([])
    const [old, grown] = [historyOf((await foldOf(before)).outputs), historyOf(outputs)]
    expect(Object.keys(grown).sort()).toEqual(actors.toSorted())
    for (const actor of actors) expect([actor, grown[actor]?.slice(0, old[actor]?.length)]).toEqual([actor, old[actor]])
    // No actor became absent while no process read: each absence belongs to a silence of more than 3 s. The last silence has not ended.
    const silences = (times: readonly number[]): number => 1 + times.filter((time, i) => time - (times[i - 1] ?? time) > 3000).length
    const absences = actors.map((actor) => [actor, grown[actor]?.filter((line) => line.startsWith('disengage')).length])
    expect(absences).toEqual(actors.map((actor) => [actor, silences(beats.get(actor) ?? [])]))
    for (const partition of partitionsOf(after)) {
      const found = (): Promise<string[]> => feedOf(after, partition)
      const wanted = folded(await logOf(after, partition), cycle, { generation: 2 })
      expect(await eventually(found, (lines) => lines.length >= wanted.length)).toEqual(wanted)
    }
  }, 240_000)

  it('ends at SIGTERM if the brokers do not answer', async () => {
    const silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    const args = ['repartition', '--brokers', `127.0.0.1:${port}`, '--partitions', '1', '--to-prefix', 'x-', '--to-partitions', '2']
    const child = spawn(join(root, 'apps/cli/bin/rondo.js'), args, { stdio: ['ignore', 'ignore', 'pipe'] })
    await once(silent, 'connection')
    child.kill('SIGTERM')
    const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    expect([code, output]).toEqual([130, expect.stringContaining('Ended before it was done')])
    silent.close()
  })
})
