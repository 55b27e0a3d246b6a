import type { Instant } from '#contracts'
import { type Cluster, newCluster } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { PartitionLog } from '../log/partition-log.ts'

/** The broker answers with one record, whatever its size. */
const FIRST_RECORD = { bytesMax: 1, waitMs: 0 }

/** The first record of a partition of `activity`, with its append time; undefined if there is none. */
export interface LogBeginning {
  readonly partition: number
  readonly offset: number
  readonly appendedAt: Instant | undefined
}

/** Reads where each partition of `activity` begins: records before that were deleted by its retention. */
export class RetentionWatch {
  readonly #settings: KafkaSettings
  readonly #cluster: Cluster

  constructor(settings: KafkaSettings) {
    this.#settings = settings
    this.#cluster = newCluster(settings)
  }

  /** @throws RondoError RONDO_LOG_UNAVAILABLE */
  async poll(): Promise<LogBeginning[]> {
    const topic = topicOf(this.#settings, 'activity')
    const beginnings: LogBeginning[] = []
    for (let partition = 0; partition < this.#settings.partitions; partition++) {
      const log = new PartitionLog(this.#cluster, topic, partition)
      const { beginning: offset } = await log.bounds()
      const [first] = (await log.fetch(offset, FIRST_RECORD)).records
      beginnings.push({ partition, offset, appendedAt: first === undefined ? undefined : Number(first.timestamp) })
    }
    return beginnings
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect().catch(() => {})
  }
}
