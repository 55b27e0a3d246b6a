import type { Instant } from '#contracts'
import { type Cluster, type FetchedRecord, newCluster } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { type Bounds, type FetchLimits, PartitionLog } from '../log/partition-log.ts'

/** A record of a topic of another system. */
export interface TopicRecord {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  readonly timestamp: Instant
  /** Whether the timestamp is that of the append, by the broker's clock; otherwise it is the producer's. */
  readonly isAppendTime: boolean
}

/** Records of a topic of another system from an offset on, and the state of the partition when they were read. */
export interface TopicFetchResult {
  readonly records: readonly TopicRecord[]
  /** The offset to continue from. */
  readonly next: number
  /** After the last record whose transaction is decided. */
  readonly stable: number
  /** After the last record when this was read, those of open transactions included. */
  readonly end: number
}

/** The partition that is read, and how its position is kept. */
export interface TopicSourcePartitionOptions {
  readonly settings: KafkaSettings
  readonly topic: string
  readonly partition: number
  readonly committed: () => Promise<number | undefined>
  readonly commit: (offset: number) => Promise<void>
}

/** One assigned partition of a topic of another system. Every method throws RONDO_LOG_UNAVAILABLE, which is retriable. */
export class TopicSourcePartition {
  readonly topic: string
  readonly partition: number
  readonly #options: TopicSourcePartitionOptions
  readonly #cluster: Cluster
  readonly #log: PartitionLog

  constructor(options: TopicSourcePartitionOptions) {
    this.topic = options.topic
    this.partition = options.partition
    this.#options = options
    this.#cluster = newCluster(options.settings)
    this.#log = new PartitionLog(this.#cluster, this.topic, this.partition)
  }

  /** The position that the last reader committed; undefined if it was never read. */
  async committed(): Promise<number | undefined> {
    try {
      return await this.#options.committed()
    } catch (failure) {
      throw kafkaFailure(`The position in ${this.topic}, partition ${this.partition}, cannot be read`, failure)
    }
  }

  /** Commits a position: everything before this offset is durable in the log. After the partition was lost, a commit does nothing. */
  async commit(offset: number): Promise<void> {
    try {
      await this.#options.commit(offset)
    } catch (failure) {
      throw kafkaFailure(`The position in ${this.topic}, partition ${this.partition}, cannot be committed`, failure)
    }
  }

  bounds(): Promise<Bounds> {
    return this.#log.bounds()
  }

  /** Committed records only. @throws RondoError RONDO_LOG_INCOMPLETE if the topic begins above the offset or ends below it */
  async read(offset: number, limits: FetchLimits): Promise<TopicFetchResult> {
    const fetched = await this.#log.fetch(offset, limits)
    return { ...fetched, records: fetched.records.map(topicRecord) }
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect().catch(() => {})
  }
}

/** The type of a timestamp that the broker has set at the append; 0 is that of the producer. */
const APPEND_TIME = 1

function topicRecord({ offset, key, value, headers, timestamp, batchContext }: FetchedRecord): TopicRecord {
  const texts = Object.entries(headers).map(([name, values]) => [name, String(Array.isArray(values) ? values.at(-1) : (values ?? ''))])
  return {
    offset: Number(offset),
    key,
    value,
    headers: Object.fromEntries(texts),
    timestamp: Number(timestamp),
    isAppendTime: batchContext.timestampType === APPEND_TIME,
  }
}
