import { type AdminRecord, RondoError } from '#contracts'
import { storedAct } from '../stored-act.ts'
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
 * @param onSkipped called with the sentence that reports an act of a later release, which this one does not know
 * @throws RondoError RONDO_LOG_MISMATCH, RONDO_LOG_UNAVAILABLE
 */
export async function openKafkaAdminLog(settings: KafkaSettings, onSkipped: (text: string) => void = () => {}): Promise<KafkaAdminLog> {
  await provisionControl(settings)
  return new KafkaAdminLog(settings, onSkipped)
}

/** The administrative acts in the topic `control`, which has one partition and keeps everything. */
class KafkaAdminLog {
  readonly #topic: string
  readonly #cluster: Cluster
  readonly #log: PartitionLog
  readonly #producer: LastingProducer
  readonly #onSkipped: (text: string) => void
  /** The offset after the last act that was read. */
  #next: number | undefined

  constructor(settings: KafkaSettings, onSkipped: (text: string) => void) {
    this.#onSkipped = onSkipped
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

  /** @throws RondoError RONDO_LOG_UNAVAILABLE; RONDO_DATA_CORRUPT, _MISMATCH as {@link storedAct} */
  async read(): Promise<readonly AdminRecord[]> {
    let at = this.#next ?? (await this.#log.bounds()).beginning
    const acts: AdminRecord[] = []
    for (let isBehind = true; isBehind; ) {
      const { records, next, stable } = await this.#log.fetch(at, LIMITS)
      acts.push(...records.map((record) => this.#actOf(record)).filter((act) => act !== undefined))
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

  #actOf({ offset, value }: FetchedRecord): AdminRecord | undefined {
    const where = `The record at offset ${offset} of ${this.#topic}`
    const message = `${where} is no administrative act. Find the program that wrote it, and remove its permission to write there.`
    const damaged = (): RondoError => new RondoError('RONDO_DATA_CORRUPT', message)
    return storedAct(value?.toString() ?? '', { where, damaged, onSkipped: this.#onSkipped })
  }
}
