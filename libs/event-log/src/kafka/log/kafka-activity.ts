import type { LogRecord } from '../../event-log.ts'
import { type Cluster, newCluster } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { logRecord } from './log-record.ts'
import { type FetchLimits, PartitionLog } from './partition-log.ts'

/** One partition of `activity`, read page by page from any offset, by a reader that keeps its position itself. */
export class KafkaActivity {
  readonly #cluster: Cluster
  readonly #log: PartitionLog

  constructor(settings: KafkaSettings, partition: number) {
    this.#cluster = newCluster(settings)
    this.#log = new PartitionLog(this.#cluster, topicOf(settings, 'activity'), partition)
  }

  /**
   * Records from an offset on, up to about `bytesMax` bytes; an empty list at the end.
   * @throws RondoError RONDO_LOG_INCOMPLETE if the topic begins above the offset; RONDO_LOG_UNAVAILABLE (retriable)
   */
  async read(offset: number, limits: FetchLimits): Promise<readonly LogRecord[]> {
    for (let at = offset; ; ) {
      const { records, next, stable } = await this.#log.fetch(at, limits)
      if (records.length > 0 || next >= stable || next === at) return records.map(logRecord)
      at = next
    }
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect()
  }
}
