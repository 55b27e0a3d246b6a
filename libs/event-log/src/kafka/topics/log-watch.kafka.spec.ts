import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import kafkajs, { type Admin } from 'kafkajs'
import type { RondoError } from '#contracts'
import { ownBrokerForTests, trialSettings } from '../../../../../test/fixtures/broker/broker-for-tests.ts'
import { newKafka } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { declareTopics, type TopicName, topicOf } from '../client/topics.ts'
import { openKafkaAdminLog } from '../kafka-admin-log.ts'
import { type KafkaLog, openKafkaLog } from '../kafka-log.ts'
import type { LogWatch, RequiredRecords } from './log-watch.ts'

const broker = ownBrokerForTests()
let settings: KafkaSettings
let admin: Admin
let log: KafkaLog
let watch: LogWatch
beforeEach(async () => {
  settings = trialSettings(broker(), { partitions: 2 })
  admin = newKafka(settings).admin()
  await admin.connect()
  log = await openKafkaLog(settings)
  watch = log.watch()
  const writer = log.writer()
  await writer.append(1, ['one', 'two', 'three'])
  await writer.close()
})
afterEach(() => Promise.all([admin.disconnect(), watch.close()]))

/** The defects of a poll. It is repeated, since the parts of a broker learn one after the other that a topic was created or deleted. */
async function defectsOf(...required: RequiredRecords[]): Promise<string[]> {
  for (let attempts = 1; ; attempts++) {
    try {
      return (await watch.poll(required)).defects.map(({ reason, topic, partition }) => `${reason} ${topic} ${partition ?? 'all'}`)
    } catch (failure) {
      if (attempts > 50 || !(failure as RondoError).retriable) throw failure
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
const requiredRecords = (range: { from: number; end: number }): RequiredRecords => ({ topic: 'activity', partition: 1, ...range, neededBy: 'a restore' })

async function remove(name: TopicName | 'control'): Promise<void> {
  const topic = `${settings.prefix}${name}`
  await admin.deleteTopics({ topics: [topic] })
  while ((await admin.listTopics()).includes(topic)) await new Promise((resolve) => setTimeout(resolve, 20))
}
/** Creates a topic as Rondo declares it. */
async function make(name: TopicName): Promise<void> {
  const {
    config,
    partitions,
    name: topic,
  } = declareTopics(settings).find((declared) => declared.name === topicOf(settings, name)) as ReturnType<typeof declareTopics>[0]
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }], waitForLeaders: true })
}

describe('a poll of the topics', () => {
  it('finds no defect if the topics are as declared, and gives the ends of activity', async () => {
    const required = [requiredRecords({ from: 0, end: 3 }), requiredRecords({ from: 3, end: 3 })]
    expect(await watch.poll(required)).toEqual({ defects: [], activityEnds: [0, 3] })
  })

  it('finds that a topic is deleted, and that it was created again without its records', async () => {
    expect(await defectsOf()).toEqual([])
    await remove('activity')
    expect(await defectsOf()).toEqual(['topic-missing activity all'])
    await make('activity')
    expect(await defectsOf()).toEqual(['records-lost activity 1'])
    expect((await watch.poll([])).defects[0]?.text).toContain('ends at offset 0 in partition 1, where it had come to 3: it was deleted and made again')
    // A process that has not seen it before compares the position from which it continues.
    watch = log.watch()
    expect(await defectsOf(requiredRecords({ from: 0, end: 3 }))).toEqual(['records-lost activity 1'])
  })

  it('finds that the names of events are deleted, and the administrative acts if they were there before', async () => {
    expect(await defectsOf()).toEqual([])
    await (await openKafkaAdminLog(settings)).close()
    expect(await defectsOf()).toEqual([])
    await remove('control')
    await remove('names')
    expect(await defectsOf()).toEqual(['topic-missing names all', 'topic-missing control all'])
    // Another process cannot know whether there ever were acts.
    watch = log.watch()
    expect(await defectsOf()).toEqual(['topic-missing names all'])
  })

  it('finds deleted records only if they are needed', async () => {
    const topic = topicOf(settings, 'activity')
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '2' }] })
    const deletedOnes = requiredRecords({ from: 1, end: 3 })
    expect(await defectsOf(requiredRecords({ from: 2, end: 3 }))).toEqual([])
    expect(await defectsOf(deletedOnes)).toEqual(['records-deleted activity 1'])
    expect((await watch.poll([deletedOnes])).defects[0]?.text).toContain('begins at offset 2 in partition 1, and a restore needs the records from 1 on')
  })

  it('finds a changed number of partitions and changed settings', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic: topicOf(settings, 'activity'), count: 3 }] })
    const configEntries = [
      { name: 'retention.ms', value: '1000' },
      { name: 'max.message.bytes', value: String(2 << 20) },
    ]
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topicOf(settings, 'late'), configEntries }] })
    expect(await defectsOf()).toEqual(['topic-changed activity all', 'topic-changed late all'])
  })

  it('fails with a retriable error if no broker answers', async () => {
    const nowhere = (await openKafkaLog(settings)).watch()
    await broker().kill()
    await expect(nowhere.poll([])).rejects.toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', retriable: true })
    await broker().start()
    await nowhere.close()
    expect(await defectsOf()).toEqual([])
  })
})
