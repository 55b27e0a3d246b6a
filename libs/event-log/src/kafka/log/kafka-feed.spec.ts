import { expect, it } from '@jest/globals'
import { KafkaFeed } from './kafka-feed.ts'

it('closing a feed ends its wait for brokers that cannot be reached', async () => {
  // No broker listens there.
  const feed = new KafkaFeed({ brokers: ['127.0.0.1:1'], group: 'g', partitions: 1, replication: 1, identity: {} }, 0)
  const catchingUp = feed.caughtUp().catch((failure: unknown) => failure)
  // Enough for a first attempt to fail, so that the feed is closed during the wait for the next one.
  await new Promise((resolve) => setTimeout(resolve, 300))
  await feed.close()
  expect(await catchingUp).toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', retriable: true })
})
