import { channel } from 'node:diagnostics_channel'
import { expect, it } from '@jest/globals'
import { KafkaFeed } from './kafka-feed.ts'

it('closing a feed ends its wait for brokers that cannot be reached', async () => {
  // No broker listens there.
  const feed = new KafkaFeed({ brokers: ['127.0.0.1:1'], group: 'g', partitions: 1, replication: 1, identity: {} }, 0)
  const attempts = channel('net.client.socket')
  const second = Promise.withResolvers<void>()
  let count = 0
  const onAttempt = (): void => {
    if (++count === 2) second.resolve()
  }
  attempts.subscribe(onAttempt)
  const catchingUp = feed.caughtUp().catch((failure: unknown) => failure)
  // The second attempt shows that the feed waits for the brokers.
  await second.promise
  attempts.unsubscribe(onAttempt)
  await feed.close()
  expect(await catchingUp).toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', retriable: true })
})
