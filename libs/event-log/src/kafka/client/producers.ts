import type { Producer, ProducerConfig } from 'kafkajs'
import { newKafka } from './kafka-client.ts'
import { type KafkaSettings, retrySettings } from './kafka-settings.ts'

/** An idempotent producer, not connected yet, that sends one request at a time and creates no topic. Every record names its partition, unless the options choose it. */
export function newProducer(settings: KafkaSettings, options: ProducerConfig = {}): Producer {
  return newKafka(settings).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: retrySettings,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
    ...options,
  })
}

/**
 * Connects a producer with a transactional id, and fences every producer before it: their commits are final then, and their open transactions are aborted.
 * `connect` initialises an identity without transactions, which fences no producer. The first transaction initialises the real one.
 */
export async function connectFencing(producer: Producer): Promise<void> {
  await producer.connect()
  const empty = await producer.transaction()
  await empty.abort()
}
