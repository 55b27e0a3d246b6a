import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import type { LogRecord } from '../event-log.ts'
import type { StoredCheckpoints } from '../sqlite/folder-history.ts'
import { type Cluster, newCluster, newKafka } from './client/kafka-client.ts'
import { kafkaFailure } from './client/kafka-failure.ts'
import type { KafkaSettings } from './client/kafka-settings.ts'
import { topicOf } from './client/topics.ts'
import { logRecord } from './log/log-record.ts'
import { PartitionLog } from './log/partition-log.ts'

const PAGE_LIMITS = { bytesMax: 4 << 20, waitMs: 0 }
/** The first record of a checkpoint value has the metadata of the value. */
const CHECKPOINT_KEY = /^(\d+)\/0$/

/** `activity` from its beginning, for those that copy it elsewhere, and the removal of what they have. It is read beside running apps. */
export class KafkaHistory {
  readonly partitions: number
  /** Which log this is. */
  readonly name: Readonly<Record<string, string>>
  readonly #topic: string
  readonly #prefix: string
  readonly #admin: Admin
  readonly #cluster: Cluster
  readonly #signal: AbortSignal | undefined

  private constructor(settings: KafkaSettings, clients: { admin: Admin; cluster: Cluster; id: string; signal: AbortSignal | undefined }) {
    this.partitions = settings.partitions
    this.#topic = topicOf(settings, 'activity')
    this.#prefix = topicOf(settings, 'checkpoints')
    this.name = { cluster: clients.id, topic: this.#topic }
    this.#admin = clients.admin
    this.#cluster = clients.cluster
    this.#signal = clients.signal
  }

  /** @param signal ends readings: they throw its reason. @throws RondoError RONDO_LOG_UNAVAILABLE; RONDO_LOG_MISMATCH if there is no such log */
  static async open(settings: KafkaSettings, signal?: AbortSignal): Promise<KafkaHistory> {
    const admin = newKafka(settings).admin()
    const topic = topicOf(settings, 'activity')
    try {
      await admin.connect()
      const { clusterId } = await admin.describeCluster()
      if (!(await admin.listTopics()).includes(topic)) throw new RondoError('RONDO_LOG_MISMATCH', `There is no topic ${topic}. Check --prefix.`)
      const found = (await admin.fetchTopicOffsets(topic)).length
      if (found !== settings.partitions)
        throw new RondoError('RONDO_LOG_MISMATCH', `The topic ${topic} has ${found} partitions, not ${settings.partitions}. Check --prefix and --partitions.`)
      return new KafkaHistory(settings, { admin, cluster: newCluster(settings), id: clusterId, signal })
    } catch (failure) {
      await admin.disconnect().catch(() => {})
      throw kafkaFailure('The log cannot be read', failure)
    }
  }

  /** The first offset that the log still has, and the offset after its last record. */
  async bounds(partition: number): Promise<{ begin: number; end: number }> {
    const { beginning, stable } = await this.#log(this.#topic, partition).bounds(this.#signal)
    return { begin: beginning, end: stable }
  }

  /** The records of a partition from an offset on, to the present end. */
  async *records(partition: number, from: number): AsyncGenerator<LogRecord> {
    const log = this.#log(this.#topic, partition)
    const { stable } = await log.bounds(this.#signal)
    for (let at = from; at < stable; ) {
      const fetched = await log.fetchWithRetry(at, PAGE_LIMITS, this.#signal)
      this.#signal?.throwIfAborted()
      if (fetched === undefined) return
      for (const record of fetched.records) if (Number(record.offset) < stable) yield logRecord(record)
      at = fetched.next === at ? stable : fetched.next
    }
  }

  /** The metadata of the checkpoints of a partition, of each cycle that has any topic here. */
  async checkpoints(partition: number): Promise<StoredCheckpoints[]> {
    const topics = (await this.#request((admin) => admin.listTopics())).filter((topic) => topic === this.#prefix || topic.startsWith(`${this.#prefix}.`))
    const stored: StoredCheckpoints[] = []
    for (const topic of topics.sort()) {
      const newest = new Map<string, string>()
      for await (const { key, headers } of this.#log(topic, partition).allRecords(this.#signal)) {
        const bucket = CHECKPOINT_KEY.exec(key?.toString() ?? '')?.[1]
        if (bucket !== undefined) newest.set(bucket, String(headers['stamp']))
      }
      this.#signal?.throwIfAborted()
      stored.push({ name: topic, checkpoints: [...newest.values()] })
    }
    return stored
  }

  /** Removes the records below an offset of each partition. */
  async removeBelow(offsets: readonly number[]): Promise<void> {
    const partitions = offsets.flatMap((offset, partition) => (offset > 0 ? [{ partition, offset: String(offset) }] : []))
    if (partitions.length > 0) await this.#request((admin) => admin.deleteTopicRecords({ topic: this.#topic, partitions }))
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.disconnect(), this.#cluster.disconnect()].map((closing) => closing.catch(() => {})))
  }

  #log(topic: string, partition: number): PartitionLog {
    return new PartitionLog(this.#cluster, topic, partition)
  }

  async #request<T>(request: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await request(this.#admin)
    } catch (failure) {
      throw kafkaFailure(`The topic ${this.#topic} cannot be used`, failure)
    }
  }
}
