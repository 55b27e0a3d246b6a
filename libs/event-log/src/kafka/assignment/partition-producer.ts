import type { Producer, Transaction } from 'kafkajs'
import { RondoError } from '#contracts'
import { retry } from '#runtime'
import type { BatchRequest } from '../checkpoints/batch-records.ts'
import { isOfType } from '../client/kafka-failure.ts'
import { defaultTimes, type KafkaSettings, positionGroupOf } from '../client/kafka-settings.ts'
import { connectFencing, newProducer } from '../client/producers.ts'
import { type TopicName, topicOf } from '../client/topics.ts'

/** How long a transaction waits for the end of the previous one, about 5 s in all: brokers need a few milliseconds for it. */
const CONCURRENT_PAUSE_MS = 2
const CONCURRENT_ATTEMPTS_MAX = 2500

/**
 * The transactional producer of one partition, for one cycle. Its transactional id belongs to these two, not to its owner, so initialising it fences
 * every producer before it and ends their transactions. After any failure it cannot be used any more: kafkajs leaves it in a state
 * that refuses the next transaction, and the outcome of the last one is unknown.
 */
export class PartitionProducer {
  readonly #settings: KafkaSettings
  readonly #partition: number
  readonly #producer: Producer

  private constructor(settings: KafkaSettings, partition: number) {
    this.#settings = settings
    this.#partition = partition
    this.#producer = newProducer(settings, {
      transactionalId: transactionalId(settings, partition),
      transactionTimeout: { ...defaultTimes, ...settings.times }.transactionMs,
      createPartitioner: () => () => partition,
    })
  }

  /** Fences every producer before it. When this resolves, their commits are final, and their open transactions are aborted. */
  static async initialise(settings: KafkaSettings, partition: number): Promise<PartitionProducer> {
    const producer = new PartitionProducer(settings, partition)
    try {
      await connectFencing(producer.#producer)
      return producer
    } catch (failure) {
      await producer.discard()
      throw failure
    }
  }

  /** Aborts a transaction with a record in each of these topics: its end marker also ends every older transaction of this producer there. */
  async seal(topics: readonly TopicName[]): Promise<void> {
    const transaction = await this.#producer.transaction()
    const messages = [{ key: 'seal', value: '{}' }]
    await transaction.sendBatch({ topicMessages: topics.map((name) => ({ topic: topicOf(this.#settings, name), messages })) })
    await transaction.abort()
  }

  /** Publishes records and the position that they lead to, all or nothing. Rejects with what kafkajs threw; then the outcome is unknown. */
  async publish(requests: Iterable<BatchRequest>, position: { offset: string; metadata: string }): Promise<void> {
    const transaction = await this.#producer.transaction()
    for (const request of requests) {
      const topicMessages = Object.entries(request).map(([name, messages]) => ({ topic: topicOf(this.#settings, name as TopicName), messages }))
      await transaction.sendBatch({ topicMessages })
    }
    await this.#sendPosition(transaction, position)
    await transaction.commit()
  }

  /** Closes its connections in any state. The next owner that initialises ends a transaction that is left open. */
  async discard(): Promise<void> {
    await this.#producer.disconnect().catch(() => {})
  }

  /**
   * A transaction with a position only may reach the broker before the end of the previous one, and kafkajs does not retry in this case.
   */
  async #sendPosition(transaction: Transaction, position: { offset: string; metadata: string }): Promise<void> {
    const topic = topicOf(this.#settings, 'activity')
    const offsets = { consumerGroupId: positionGroupOf(this.#settings), topics: [{ topic, partitions: [{ partition: this.#partition, ...position }] }] }
    const isConcurrent = (failure: unknown): boolean => isOfType(failure, 'CONCURRENT_TRANSACTIONS')
    await retry(() => transaction.sendOffsets(offsets), { pauseMs: CONCURRENT_PAUSE_MS, attemptsMax: CONCURRENT_ATTEMPTS_MAX, retryOn: isConcurrent }).catch(
      (failure) => {
        if (!isConcurrent(failure)) throw failure
        throw new RondoError(
          'RONDO_LOG_UNAVAILABLE',
          `The broker has not ended the previous transaction in partition ${this.#partition} of ${topic}. The batch is tried again; check the brokers if this goes on.`,
          { retriable: true },
        )
      },
    )
  }
}

/** All owners of a partition use one id, so that the next one fences the one before; another partition, cycle or group has another id. */
function transactionalId(settings: KafkaSettings, partition: number): string {
  return `${transactionalIdPrefix(settings)}${partition}`
}

/** The beginning of the transactional ids of all partitions of a cycle. */
export function transactionalIdPrefix(settings: KafkaSettings): string {
  return `${positionGroupOf(settings)}/${topicOf(settings, 'activity')}/`
}
