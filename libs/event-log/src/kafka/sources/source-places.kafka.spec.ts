import { expect, it } from '@jest/globals'
import { brokerForTests, trialSettings } from '../../../../../test/fixtures/broker/broker-for-tests.ts'
import { newKafka } from '../client/kafka-client.ts'
import { openKafkaLog } from '../kafka-log.ts'
import type { TopicSourcePartition } from './topic-source-partition.ts'

const broker = brokerForTests()

it('the positions of all sources of a log, and of no other log, are copied, unless a process reads them there already', async () => {
  const from = trialSettings(broker())
  const to = trialSettings(broker())
  const admin = newKafka(from).admin()
  await admin.connect()
  const topics = ['orders', 'clicks', 'new'].map((name) => `${from.prefix}${name}`) as [string, string, string]
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 3 })), waitForLeaders: true })
  await admin.disconnect()
  const [before, after] = [await openKafkaLog(from), await openKafkaLog(to)]
  const read = async (log: typeof before, name: string, topic: string, offsets: readonly number[]) => {
    const source = log.source({ name, topic, onError() {} })
    const noted = new Set<number>()
    const { promise, resolve } = Promise.withResolvers<void>()
    const note = async (partition: TopicSourcePartition): Promise<void> => {
      // As a reader of the source does; the group's consumer does not run yet when the assignment comes.
      await partition.committed()
      const offset = offsets[partition.partition]
      if (offset !== undefined) await partition.commit(offset)
      if (noted.add(partition.partition).size === 3) resolve()
    }
    await source.read({ assigned: (partition) => void note(partition), revoked() {} })
    await promise
    return source
  }
  await (await read(before, 'orders', topics[0], [3, 0, 7])).close()
  await (await read(before, 'clicks', topics[1], [5])).close()
  const ofOrders = [3, 0, 7].map((offset, partition) => ({ partition, offset: String(offset) }))
  const places = [
    { source: 'clicks', topic: topics[1], partitions: [{ partition: 0, offset: '5' }] },
    { source: 'orders', topic: topics[0], partitions: ofOrders },
  ]
  const inOrder = async (log: typeof before) => (await log.sourcePlaces().read()).toSorted((a, b) => (a.source < b.source ? -1 : 1))
  expect(await inOrder(before)).toEqual(places)
  expect(await inOrder(after)).toEqual([])
  await after.sourcePlaces().write(places)
  expect([await inOrder(after), await inOrder(before)]).toEqual([places, places])
  const reading = await read(after, 'orders', topics[0], [])
  await expect(after.sourcePlaces().write(places.slice(1))).rejects.toMatchObject({ code: 'RONDO_LOG_MISMATCH', message: expect.stringContaining('orders') })
  await reading.close()
})
