import type { Instant } from '#contracts'
import type { LiveWriter, RegistryView, WriterHeartbeat, WriterRegistry } from '../../activity/writer-registry.ts'
import { type Cluster, type FetchedRecord, newCluster } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { LastingProducer } from '../client/lasting-producer.ts'
import { topicOf } from '../client/topics.ts'
import { PartitionLog } from './partition-log.ts'

/** The topic has one partition, so that the heartbeats have one order. */
const PARTITION = 0
/** The size of one request; a broker answers at once, also without records. */
const LIMITS = { bytesMax: 1 << 20, waitMs: 0 }

/** A heartbeat as it is stored: its timeout has the older name `patienceMs` there. */
type StoredHeartbeat = Omit<WriterHeartbeat, 'timeoutMs'> & { readonly patienceMs: number }

/** The compacted topic `writers`: the newest heartbeat of each writer, by its id. Times are the broker's times of append. */
export class KafkaWriterRegistry implements WriterRegistry {
  readonly #topic: string
  readonly #cluster: Cluster
  readonly #log: PartitionLog
  readonly #producer: LastingProducer
  readonly #live = new Map<string, LiveWriter>()
  #withdrawn = new Set<string>()
  #newestAt: Instant | undefined
  #next: number | undefined

  constructor(settings: KafkaSettings) {
    this.#topic = topicOf(settings, 'writers')
    this.#cluster = newCluster(settings)
    this.#log = new PartitionLog(this.#cluster, this.#topic, PARTITION)
    this.#producer = new LastingProducer(settings)
  }

  heartbeat({ timeoutMs: patienceMs, ...heartbeat }: WriterHeartbeat): Promise<Instant> {
    return this.#write(heartbeat.writer, JSON.stringify({ ...heartbeat, patienceMs }))
  }

  async withdraw(writer: string): Promise<void> {
    await this.#write(writer, null)
  }

  async read(): Promise<RegistryView> {
    this.#next ??= (await this.#log.bounds()).beginning
    for (let isBehind = true; isBehind; ) {
      const { records, next, end } = await this.#log.fetch(this.#next, LIMITS)
      for (const record of records) this.#apply(record)
      // Compaction leaves empty batches without records: `next` does not pass them.
      this.#next = next === this.#next ? end : next
      isBehind = this.#next < end
    }
    const withdrawn = this.#withdrawn
    this.#withdrawn = new Set()
    return { live: [...this.#live.values()], withdrawn, newestAt: this.#newestAt }
  }

  async close(): Promise<void> {
    await this.#producer.discard()
    await this.#cluster.disconnect().catch(() => {})
  }

  #apply({ key, value, timestamp }: FetchedRecord): void {
    const writer = String(key)
    this.#newestAt = Number(timestamp)
    if (value === null) {
      this.#live.delete(writer)
      this.#withdrawn.add(writer)
      return
    }
    const heartbeat = heartbeatOf(value)
    if (heartbeat?.writer === writer) this.#live.set(writer, { ...heartbeat, seenAt: this.#newestAt })
  }

  async #write(key: string, value: string | null): Promise<Instant> {
    try {
      const [answer] = await this.#producer.send({ topic: this.#topic, acks: -1, messages: [{ partition: PARTITION, key, value }] })
      return Number(answer?.logAppendTime)
    } catch (failure) {
      throw kafkaFailure('The registry of writers cannot be written', failure)
    }
  }
}

/** Undefined if it is not a heartbeat: records of other programs must not keep a process from sending its own. */
function heartbeatOf(value: Buffer): WriterHeartbeat | undefined {
  try {
    const stored = JSON.parse(value.toString()) as StoredHeartbeat | null
    if (typeof stored?.patienceMs !== 'number') return undefined
    const { patienceMs: timeoutMs, ...heartbeat } = stored
    return { ...heartbeat, timeoutMs }
  } catch {
    return undefined
  }
}
