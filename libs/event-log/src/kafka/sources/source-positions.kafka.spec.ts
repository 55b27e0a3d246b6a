import { expect, it } from '@jest/globals'
import { brokerForTests, trialSettings } from '../../../../../test/fixtures/broker/broker-for-tests.ts'
import { newKafka } from '../client/kafka-client.ts'
import { openKafkaLog } from '../kafka-log.ts'
import type { TopicSourcePartition } from './topic-source-partition.ts'

const broker = brokerForTests()

it('copies the positions of all sources of a log, and refuses a source that a process of the new log reads already', async () => {
  const from = trialSettings(broker())
  const to = trialSettings(broker())
  const admin = newKafka(from).admin()
  await admin.connect()
  const topics = ['orders', 'clicks', 'new'].map((name) => `${from.prefix}${name}`) as [string, string, string]
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 3 })), waitForLeaders: true })
  await admin.disconnect()
  const [before, after] = [await openKafkaLog(from), await openKafkaLog(to)]
  /** Reads a topic as the source `name`, and commits an offset for each of its first partitions. */
  const read = async (log: typeof before, name: string, topic: string, offsets: readonly number[]) => {
    const source = log.source({ name, topic, onError() {} })
    const committed = new Set<number>()
    const { promise, resolve } = Promise.withResolvers<void>()
    const commitOffset = async (partition: TopicSourcePartition): Promise<void> => {
      // A reader asks for its position first. This wait is needed: at the assignment the consumer of the group does not run yet.
      await partition.committed()
      const offset = offsets[partition.partition]
      if (offset !== undefined) await partition.commit(offset)
      if (committed.add(partition.partition).size === 3) resolve()
    }
    await source.read({ assigned: (partition) => void commitOffset(partition), revoked() {} })
    await promise
    return source
  }
  await (await read(before, 'orders', topics[0], [3, 0, 7])).close()
  await (await read(before, 'clicks', topics[1], [5])).close()
  const ofOrders = [3, 0, 7].map((offset, partition) => ({ partition, offset: String(offset) }))
  const positions = [
    { source: 'clicks', topic: topics[1], partitions: [{ partition: 0, offset: '5' }] },
    { source: 'orders', topic: topics[0], partitions: ofOrders },
  ]
  const inOrder = async (log: typeof before) => (await log.sourcePositions().read()).toSorted((a, b) => (a.source < b.source ? -1 : 1))
  expect(await inOrder(before)).toEqual(positions)
  expect(await inOrder(after)).toEqual([])
  await after.sourcePositions().write(positions)
  expect([await inOrder(after), await inOrder(before)]).toEqual([positions, positions])
  const reading = await read(after, 'orders', topics[0], [])
  await expect(after.sourcePositions().write(positions.slice(1))).rejects.toMatchObject({
    code: 'RONDO_WRITERS_OPEN',
    message: expect.stringContaining('orders'),
  })
  await reading.close()
})
