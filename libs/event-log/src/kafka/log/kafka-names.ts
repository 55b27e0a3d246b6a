import type { EventName } from '#contracts'
import { nameKey } from '../../name-key.ts'
import { type Cluster, newCluster } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { PartitionLog } from './partition-log.ts'

const LIMITS = { bytesMax: 1 << 20, waitMs: 0 }

/** The names of events of one partition, for a process that does not fold it. */
export class KafkaNames {
  readonly #cluster: Cluster
  readonly #log: PartitionLog
  readonly #records = new Map<string, EventName>()
  #next: number | undefined
  #reading: Promise<void> = Promise.resolve()

  constructor(settings: KafkaSettings, partition: number) {
    this.#cluster = newCluster(settings)
    this.#log = new PartitionLog(this.#cluster, topicOf(settings, 'names'), partition)
  }

  /** The newest record of each name. Only what was committed since the last call is read. @throws RondoError RONDO_LOG_UNAVAILABLE */
  async read(): Promise<readonly EventName[]> {
    const turn = this.#reading.then(() => this.#readOn())
    this.#reading = turn.catch(() => {})
    await turn
    return [...this.#records.values()]
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect()
  }

  async #readOn(): Promise<void> {
    for (let at = this.#next ?? (await this.#log.bounds()).beginning; ; ) {
      const { records, next, stable } = await this.#log.fetch(at, LIMITS)
      for (const { value } of records) this.#add(JSON.parse(value?.toString() ?? '') as EventName)
      // Compaction leaves empty batches at the end, without records.
      at = next === at ? stable : next
      this.#next = at
      if (at >= stable) return
    }
  }

  #add(record: EventName): void {
    this.#records.set(nameKey(record), record)
  }
}
