import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Admin } from 'kafkajs'
import type { RondoError } from '#contracts'
import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { newKafka } from './client/kafka-client.ts'
import type { KafkaSettings } from './client/kafka-settings.ts'
import { type TopicName, topicOf } from './client/topics.ts'
import { openKafkaLog } from './kafka-log.ts'

const broker = brokerForTests()
let settings: KafkaSettings
let admin: Admin
beforeEach(async () => {
  settings = trialSettings(broker(), { partitions: 2 })
  admin = newKafka(settings).admin()
  await admin.connect()
})
afterEach(() => admin.disconnect())

async function write(partition: number, ...frames: string[]): Promise<void> {
  const writer = (await openKafkaLog(settings)).writer()
  await writer.append(partition, frames)
  await writer.close()
}

async function remove(...names: TopicName[]): Promise<void> {
  const topics = names.map((name) => topicOf(settings, name))
  await admin.deleteTopics({ topics })
  while ((await admin.listTopics()).some((name) => topics.includes(name))) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function framesOf(use: 'copy-source', partition: number): Promise<string[]> {
  const frames: string[] = []
  for await (const { frame } of (await openKafkaLog(settings, use)).records(partition)) frames.push(frame)
  return frames
}

describe('deleted topics', () => {
  // Before this fix, the next process that started created an empty topic in their place, and continued.
  it.each(['transitions', 'late', 'checkpoints', 'quarantine', 'writers'] as const)(
    'are not created again while records are left in others: %s',
    async (name) => {
      await write(1, 'one')
      await remove(name)
      const refused = openKafkaLog(settings)
      await expect(refused).rejects.toMatchObject({ code: 'RONDO_LOG_INCOMPLETE', retriable: false })
      await expect(refused).rejects.toThrow(`deleted: ${settings.prefix}${name}; records are still in ${settings.prefix}activity`)
      expect(await admin.listTopics()).not.toContain(topicOf(settings, name))
      // The copy that the message advises works.
      expect([await framesOf('copy-source', 0), await framesOf('copy-source', 1)]).toEqual([[], ['one']])
    },
  )

  it('are not created again if activity itself is missing and others have records', async () => {
    const refusals = (await openKafkaLog(settings)).refusalWriter()
    await refusals.append(0, ['refused'])
    await refusals.close()
    await remove('activity', 'late')
    await expect(openKafkaLog(settings)).rejects.toThrow(
      `deleted: ${settings.prefix}activity, ${settings.prefix}late; records are still in ${settings.prefix}quarantine`,
    )
    await expect(openKafkaLog(settings, 'copy-source')).rejects.toMatchObject({
      code: 'RONDO_LOG_MISMATCH',
      message: expect.stringContaining('There is no topic'),
    })
  })

  it('are created again if no record was written yet, for example after an interrupted start', async () => {
    await openKafkaLog(settings)
    await remove('transitions', 'writers')
    await openKafkaLog(settings)
    expect(await admin.listTopics()).toContain(topicOf(settings, 'transitions'))
  })
})

describe('more partitions than when the log was created', () => {
  it.each([
    { names: ['activity'] as const, of: 'activity alone' },
    { names: ['activity', 'transitions', 'late', 'quarantine', 'checkpoints'] as const, of: 'all topics' },
  ])('of $of are refused with the advice to copy the log, and the copy works', async ({ names }) => {
    await write(0, 'zero')
    await write(1, 'one')
    await admin.createPartitions({ topicPartitions: names.map((name) => ({ topic: topicOf(settings, name), count: 3 })) })
    await expect(openKafkaLog(settings)).rejects.toThrow(/activity: partitions is 3, not 2.*rondo repartition, with the --partitions that the apps had/)
    expect([await framesOf('copy-source', 0), await framesOf('copy-source', 1)]).toEqual([['zero'], ['one']])
  })

  it('are refused by a copy if they have records; fewer partitions are refused too', async () => {
    await openKafkaLog(settings)
    await admin.createPartitions({ topicPartitions: [{ topic: topicOf(settings, 'activity'), count: 3 }] })
    const producer = newKafka(settings).producer()
    await producer.connect()
    await producer.send({ topic: topicOf(settings, 'activity'), messages: [{ partition: 2, value: 'foreign' }] })
    await producer.disconnect()
    await expect(openKafkaLog(settings, 'copy-source')).rejects.toMatchObject({
      code: 'RONDO_LOG_MISMATCH',
      message: expect.stringContaining('partition 2, beyond'),
    })
    await expect(openKafkaLog({ ...settings, partitions: 4 }, 'copy-source')).rejects.toMatchObject({
      code: 'RONDO_LOG_MISMATCH',
      message: expect.stringContaining('has 3 partitions, not 4'),
    })
  })
})

describe('times that the brokers do not allow', () => {
  const noOwnership = { assigned() {}, revoked() {} }

  // Before this fix, the process logged once a second, for ever, that the group was out of reach. The broker of this test allows 1 s and more.
  it.each([
    { sessionMs: 500, heartbeatMs: 100 },
    { sessionMs: 3_600_000, heartbeatMs: 100 },
  ])('are refused at the first join: $sessionMs ms of session', async (times) => {
    settings = { ...settings, times }
    const reader = (await openKafkaLog(settings)).reader()
    const owning = reader.own(noOwnership)
    await expect(owning).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID', message: expect.stringContaining('group.min.session.timeout.ms') })
    await reader.close()
  })

  it('are refused with the name of the setting if they are those of transactions', async () => {
    settings = { ...settings, times: { transactionMs: 3_600_000 } }
    const { promise, resolve } = Promise.withResolvers<RondoError>()
    const reader = (await openKafkaLog(settings)).reader({ onError: resolve })
    await reader.own(noOwnership)
    expect(await promise).toMatchObject({ code: 'RONDO_ARGUMENT_INVALID', message: expect.stringContaining('RONDO_TRANSACTION') })
    await reader.close()
  })
})
