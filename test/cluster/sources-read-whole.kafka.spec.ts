import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Producer } from 'kafkajs'
import { type ActivityEvent, instantOf, type Output, type QuarantineRecord } from '#contracts'
import { PartitionFold } from '#cycle'
import type { KafkaSettings } from '#event-log'
import { decodeFrame } from '#pipeline'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { cycleOf, entriesOf, isControl, valuesOf } from '../fixtures/broker/log-contents.ts'
import { plainClient } from '../fixtures/broker/plain-client.ts'
import { eventually } from '../fixtures/eventually.ts'

const partitions = [0, 1]
const definition = join(import.meta.dirname, 'pulse.yaml')
/** The session of a group member: a dead member keeps its partitions for this time. It is long enough for a live member on a busy machine. */
const SESSION_MS = 15_000
/** The pause after each round: actors are silent for less than the absence of the cycle. */
const ROUND_MS = 100
const topics = [
  { topic: 'heart.beats', numPartitions: 2, time: 'CreateTime' },
  { topic: 'billing.events', numPartitions: 1, time: 'LogAppendTime' },
  { topic: 'web.calls', numPartitions: 2, time: 'LogAppendTime' },
]

let home: TemporaryFolder
let cluster: LocalCluster
let settings: KafkaSettings
let producer: Producer
beforeAll(async () => {
  home = temporaryFolder()
  cluster = await LocalCluster.start({
    folder: home.path,
    definition,
    partitions: partitions.length,
    counts: { ingest: 2 },
    settings: {
      RONDO_SOURCES: join(import.meta.dirname, 'sources.yaml'),
      RONDO_SHORT_GRACE: 'yes',
      RONDO_SESSION: `${SESSION_MS / 1000}s`,
      RONDO_SILENCE: '5s',
      RONDO_CATCH_UP: '0s',
    },
    sourceTopics: topics.map(({ topic }) => topic),
    beforeIngest: makeTopics,
  })
  settings = { ...cluster.broker.access, group: 'rondo', partitions: partitions.length, replication: 1, identity: {} }
})
afterAll(async () => {
  await producer?.disconnect()
  await cluster?.stop()
  home?.[Symbol.dispose]()
})

async function makeTopics({ broker }: LocalCluster): Promise<void> {
  const kafka = plainClient(broker)
  const admin = kafka.admin()
  await admin.connect()
  const configOf = (time: string) => [
    { name: 'message.timestamp.type', value: time },
    { name: 'max.message.bytes', value: String(4 << 20) },
  ]
  await admin.createTopics({ topics: topics.map(({ time, ...topic }) => ({ ...topic, replicationFactor: 1, configEntries: configOf(time) })) })
  await admin.disconnect()
  producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
}

const now = (): string => new Date().toISOString()
const beat = (id: string, actor: string) => ({ beat: id, patient: { id: actor }, at: now() })
const cloud = (id: string, actor: string) => ({ specversion: '1.0', id, source: '/billing', type: 'Beat', time: now(), data: { customer: actor } })
const call = (id: string, actor: string) => ({ type: 'track', messageId: id, userId: actor, event: 'Beat', timestamp: now() })
/** Writes one good record to each topic. All topics use the same ids, like tables that number their rows from 1. @returns the ids in the log */
const good = [
  (id: string, actor: string) => ({ topic: 'heart.beats', id: `beats:${id}`, value: beat(id, actor) }),
  (id: string, actor: string) => ({ topic: 'billing.events', id: `billing:/billing#${id}`, value: cloud(id, actor) }),
  (id: string, actor: string) => ({ topic: 'web.calls', id: `web:${id}`, value: call(id, actor) }),
]
const poison: readonly { topic: string; value: Buffer | string | null }[] = [
  { topic: 'heart.beats', value: '{"beat": ' },
  { topic: 'heart.beats', value: null },
  { topic: 'heart.beats', value: '["a list"]' },
  { topic: 'heart.beats', value: JSON.stringify({ beat: 'nobody', at: now() }) },
  { topic: 'heart.beats', value: JSON.stringify({ ...beat('far', 'u'), at: '2199-01-01T00:00:00Z' }) },
  { topic: 'heart.beats', value: JSON.stringify({ ...beat('large', 'u'), more: 'x'.repeat(2 << 20) }) },
  { topic: 'heart.beats', value: Buffer.from([0x22, 0xc3, 0x28, 0x22]) },
  { topic: 'billing.events', value: JSON.stringify({ id: '1', type: 'Beat', data: { customer: 'u' } }) },
  { topic: 'web.calls', value: JSON.stringify({ batch: [{ type: 'track', event: 'Beat' }, { type: 'track' }] }) },
]

async function send(topic: string, value: Buffer | string | null, key: string): Promise<string> {
  const [answer] = await producer.send({ topic, acks: -1, messages: [{ key, value }] })
  return `topic ${topic}, partition ${answer?.partition}, offset ${answer?.baseOffset}`
}

const sent: string[] = []
/** When the broker had acknowledged an event, by its id in the log. */
const acknowledged = new Map<string, number>()
const actors = Array.from({ length: 12 }, (_, number) => `user-${number}`)
let phase = 'first'
let isSending = true
/** Sends one event of every actor in each round. The topic of an actor changes from round to round. */
async function sendRounds(): Promise<void> {
  for (let round = 0; isSending; round++) {
    for (const [at, actor] of actors.entries()) {
      const record = good[(round + at) % good.length]?.(`${phase}-${Math.floor(round / good.length)}-${actor}`, actor) as ReturnType<(typeof good)[number]>
      await send(record.topic, JSON.stringify(record.value), actor)
      acknowledged.set(record.id, Date.now())
      sent.push(record.id)
    }
    await sleep(ROUND_MS)
  }
}

/** Resolves when every actor has sent two more events. */
async function moreSent(): Promise<void> {
  const before = sent.length
  await eventually(
    () => sent.length,
    (now) => now >= before + 2 * actors.length,
  )
}

const logs = (): Promise<string[][]> => Promise.all(partitions.map((partition) => valuesOf(settings, 'activity', partition)))
const eventsOf = (frames: readonly string[]): ActivityEvent[] => entriesOf(frames).filter((entry): entry is ActivityEvent => !isControl(entry))
/** Resolves when the events that were sent before the call are in the log. */
async function untilAllRead(): Promise<void> {
  const expected = [...sent]
  const missing = async () => {
    const written = new Set((await logs()).flatMap(eventsOf).map(({ id }) => id))
    return expected.filter((id) => !written.has(id))
  }
  await eventually(missing, (ids) => ids.length === 0)
}

function fold(frames: readonly string[]) {
  const outputs: Output[] = []
  /** Log time when an output was made, by its id. */
  const logTimes = new Map<string, number>()
  const late: string[] = []
  const effective = new Map<string, string[]>()
  const partition = new PartitionFold(cycleOf(definition), {
    output(output) {
      outputs.push(output)
      logTimes.set(output.id, partition.state.time.now)
    },
    late: (record) => late.push(String(record)),
    decided: ({ id }, disposition) => effective.set(id, [...(effective.get(id) ?? []), disposition]),
  })
  for (const entry of frames.flatMap(decodeFrame)) {
    if (entry.kind !== 'poison') partition.apply(entry.kind === 'event' ? entry.event : entry.record)
  }
  return { outputs, logTimes, late, effective }
}

describe('topics of other systems', () => {
  let sending: Promise<void>

  it('are read to the last record, although an ingest process is killed: good ones into the log, bad ones into quarantine', async () => {
    const places: string[] = []
    sending = sendRounds()
    for (const [at, { topic, value }] of poison.entries()) {
      places.push(await send(topic, value, `key-${at}`))
      await moreSent()
    }
    await cluster.of('ingest')[0]?.kill()
    await moreSent()
    await untilAllRead()
    const lines = (await Promise.all(partitions.map((partition) => valuesOf(settings, 'quarantine', partition)))).flat()
    const refused = lines.map((line) => JSON.parse(line) as QuarantineRecord)
    const batch = places.pop()
    expect(new Set(refused.map(({ where }) => where))).toEqual(new Set([...places, `${batch}, index 0`, `${batch}, index 1`]))
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['RONDO_EVENT_INVALID', 'RONDO_EVENT_FROM_FUTURE', 'RONDO_EVENT_TOO_LARGE']))
  })

  it('stop log time while no process reads them, so that no actor becomes absent', async () => {
    await Promise.all(cluster.of('ingest').map((process) => process.kill()))
    // From here on no process reads the records.
    phase = 'down'
    const killedAt = Date.now()
    // It accepts events long before the dead members of the groups have lost their partitions, and reads the sources after that.
    const successor = await cluster.launch('ingest').ready()
    await eventually(logs, (read) => read.some((frames) => eventsOf(frames).some(({ id }) => id.includes('down-'))))
    phase = 'up'
    await moreSent()
    isSending = false
    await sending
    await untilAllRead()
    // After this all actors are silent, and become absent. On a busy machine an actor may have been silent for so long before.
    const stages = async () => new Map((await logs()).flatMap((frames) => fold(frames).outputs.map(({ actor, to }) => [actor.id, to])))
    await eventually(stages, (stageOf) => actors.every((actor) => stageOf.get(actor) === 'gone'))

    const ids = new Set<string>()
    for (const frames of await logs()) {
      const { outputs, logTimes, late, effective } = fold(frames)
      expect(late).toEqual([])
      for (const [id, what] of effective) {
        ids.add(id)
        expect([id, what.filter((disposition) => disposition === 'applied' || disposition === 'out-of-order').length]).toEqual([id, 1])
      }
      // No absence was noticed that an event in a topic refuted, also while no process read the topics. The time at which an actor began is corrected if
      // another topic had an earlier event. So is an absence that a later event of the actor showed, without log time: one topic is read before another.
      const wasInTopic = ({ because = '', retracts = '' }: Output) => Number(acknowledged.get(because)) < Number(logTimes.get(retracts))
      expect(outputs.filter((output) => output.kind === 'retraction' && output.from !== 'start' && wasInTopic(output))).toEqual([])
      // The writer of ingest alone would have moved log time: its ticks are before events that would then have retracted an absence.
      const entries = entriesOf(frames)
      const firstDown = entries.findIndex((entry) => !isControl(entry) && entry.id.includes('down-'))
      const before = entries.slice(0, firstDown).filter(isControl)
      const ingestTicks = before.filter(({ record, writer }) => record === 'tick' && !writer.startsWith('source:'))
      expect(Math.max(...ingestTicks.map(({ time }) => instantOf(time))) - killedAt).toBeGreaterThan(3_000)
    }
    expect([...ids].sort()).toEqual([...sent].sort())
    expect(await successor.stop()).toBe(0)
  })
})
