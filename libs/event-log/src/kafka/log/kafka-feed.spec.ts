import { expect, it } from '@jest/globals'
import { KafkaFeed } from './kafka-feed.ts'

it('a feed that is closed while the brokers are away ends the wait for it', async () => {
  // No broker listens there.
  const feed = new KafkaFeed({ brokers: ['127.0.0.1:1'], group: 'g', partitions: 1, replication: 1, identity: {} }, 0)
  const catchingUp = feed.caughtUp().catch((failure: unknown) => failure)
  await new Promise((resolve) => setTimeout(resolve, 300))
  await feed.close()
  expect(await catchingUp).toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', retriable: true })
})
