import { type AdminRecord, adminRecordSchema, RondoError } from '#contracts'
import { type Cluster, type FetchedRecord, newCluster } from './client/kafka-client.ts'
import { kafkaFailure } from './client/kafka-failure.ts'
import type { KafkaSettings } from './client/kafka-settings.ts'
import { LastingProducer } from './client/lasting-producer.ts'
import { controlTopic } from './client/topics.ts'
import { PartitionLog } from './log/partition-log.ts'
import { provisionControl } from './topics/provision-topics.ts'

/** The topic has one partition, so that the acts have one order. */
const PARTITION = 0
/** The size of one request; a broker answers at once, also without records. */
const LIMITS = { bytesMax: 1 << 20, waitMs: 0 }

/**
 * Opens the administrative acts of a deployment, and creates their topic if it is missing.
 * @throws RondoError RONDO_LOG_MISMATCH, RONDO_LOG_UNAVAILABLE
 */
export async function openKafkaAdminLog(settings: KafkaSettings): Promise<KafkaAdminLog> {
  await provisionControl(settings)
  return new KafkaAdminLog(settings)
}

/** The administrative acts in the topic `control`, which has one partition and keeps everything. */
class KafkaAdminLog {
  readonly #topic: string
  readonly #cluster: Cluster
  readonly #log: PartitionLog
  readonly #producer: LastingProducer
  /** The offset after the last act that was read. */
  #next: number | undefined

  constructor(settings: KafkaSettings) {
    this.#topic = controlTopic(settings).name
    this.#cluster = newCluster(settings)
    this.#log = new PartitionLog(this.#cluster, this.#topic, PARTITION)
    this.#producer = new LastingProducer(settings)
  }

  async append(record: AdminRecord): Promise<void> {
    try {
      await this.#producer.send({ topic: this.#topic, acks: -1, messages: [{ partition: PARTITION, value: JSON.stringify(record) }] })
    } catch (failure) {
      throw kafkaFailure('The administrative act cannot be written', failure)
    }
  }

  /** @throws RondoError RONDO_LOG_UNAVAILABLE; RONDO_DATA_CORRUPT if a record is not an act: skipping it could make a revoked key valid */
  async read(): Promise<readonly AdminRecord[]> {
    let at = this.#next ?? (await this.#log.bounds()).beginning
    const acts: AdminRecord[] = []
    for (let isBehind = true; isBehind; ) {
      const { records, next, stable } = await this.#log.fetch(at, LIMITS)
      acts.push(...records.map((record) => this.#actOf(record)))
      // A batch may have no records: the end of a transaction takes an offset, too.
      isBehind = next < stable && next > at
      at = next
    }
    this.#next = at
    return acts
  }

  async close(): Promise<void> {
    await this.#producer.discard()
    await this.#cluster.disconnect().catch(() => {})
  }

  #actOf({ offset, value }: FetchedRecord): AdminRecord {
    const { success, data } = adminRecordSchema.safeParse(jsonOf(value))
    if (success) return data
    const message = `The record at offset ${offset} of ${this.#topic} is no administrative act. Find the program that wrote it, and remove its permission to write there.`
    throw new RondoError('RONDO_DATA_CORRUPT', message)
  }
}

function jsonOf(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? '')
  } catch {
    return undefined
  }
}
