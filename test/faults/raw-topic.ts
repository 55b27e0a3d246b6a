import kafkajs, { type Admin, type Message } from 'kafkajs'
import { randomId } from '#runtime'
import { type FetchedRecord, newCluster, newKafka } from '../../libs/event-log/src/kafka/client/kafka-client.ts'
import { declareTopics, type TopicName, topicOf } from '../../libs/event-log/src/kafka/client/topics.ts'
import { PartitionLog } from '../../libs/event-log/src/kafka/log/partition-log.ts'
import type { Trial } from './trial.ts'

/** Topics as another program sees them: it writes and deletes records without Rondo. */
export class RawTopic {
  readonly #trial: Trial
  readonly #name: TopicName

  constructor(trial: Trial, name: TopicName) {
    this.#trial = trial
    this.#name = name
  }

  /** @returns the offset of each record */
  async write(partition: number, messages: readonly Message[]): Promise<number[]> {
    const producer = newKafka(this.#trial.settings).producer()
    await producer.connect()
    const offsets: number[] = []
    for (const message of messages) {
      const [answer] = await producer.send({ topic: this.#topic, messages: [{ ...message, partition }] })
      offsets.push(Number(answer?.baseOffset))
    }
    await producer.disconnect()
    return offsets
  }

  /** Writes in a transaction that is aborted. */
  async abort(partition: number, messages: readonly Message[]): Promise<void> {
    const producer = newKafka(this.#trial.settings).producer({ transactionalId: randomId(), maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: this.#topic, messages: messages.map((message) => ({ ...message, partition })) })
    await transaction.abort()
    await producer.disconnect()
  }

  async records(partition: number): Promise<FetchedRecord[]> {
    const cluster = newCluster(this.#trial.settings)
    const records: FetchedRecord[] = []
    try {
      for await (const record of new PartitionLog(cluster, this.#topic, partition).allRecords()) records.push(record)
    } finally {
      await cluster.disconnect()
    }
    return records
  }

  /** Deletes the records before an offset; -1 deletes all. */
  deleteBefore(partition: number, offset: number): Promise<void> {
    return this.#asAdmin(async (admin) => {
      const { config } = declareTopics(this.#trial.settings).find(({ name }) => name === this.#topic) ?? { config: {} }
      // The broker deletes no records before an offset in a compacted topic.
      await this.#configure(admin, { ...config, 'cleanup.policy': 'delete' })
      // kafkajs looks for leaders only in its cached metadata, so the topic must be requested before.
      await admin.fetchTopicOffsets(this.#topic)
      await admin.deleteTopicRecords({ topic: this.#topic, partitions: [{ partition, offset: String(offset) }] })
      await this.#configure(admin, config)
    })
  }

  /** The offset that the trial's group has committed. */
  committed(partition: number): Promise<number> {
    return this.#asAdmin(async (admin) => {
      const [answer] = await admin.fetchOffsets({ groupId: this.#trial.settings.group, topics: [this.#topic] })
      return Number(answer?.partitions.find((position) => position.partition === partition)?.offset)
    })
  }

  get #topic(): string {
    return topicOf(this.#trial.settings, this.#name)
  }

  async #configure(admin: Admin, config: Readonly<Record<string, string>>): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: this.#topic, configEntries }] })
  }

  async #asAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = newKafka(this.#trial.settings).admin()
    await admin.connect()
    try {
      return await work(admin)
    } finally {
      await admin.disconnect()
    }
  }
}
