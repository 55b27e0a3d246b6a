import kafkajs, { type Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { cursorParts, storedRefusal } from '../../activity/stored-refusal.ts'
import type { KeptRefusal, RefusedStore, RefusedUsage } from '../../refused-store.ts'
import { type Cluster, newCluster, newKafka } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { type FetchLimits, type FetchResult, PartitionLog } from '../log/partition-log.ts'

const LIMITS: FetchLimits = { bytesMax: 1 << 20, waitMs: 0 }
/** The limits of the topic, as they are configured. */
type Limits = Pick<RefusedUsage, 'ageMsMax'> & { readonly partitionBytesMax: number | null }

/** The topic `quarantine`, into which admission and the folds write. One partition comes after the other; the retention of the topic is the limit. */
export class KafkaRefused implements RefusedStore {
  readonly #topic: string
  readonly #cluster: Cluster
  readonly #logs: readonly PartitionLog[]
  readonly #admin: Admin
  #limits: Promise<Limits> | undefined

  constructor(settings: KafkaSettings) {
    this.#topic = topicOf(settings, 'quarantine')
    this.#cluster = newCluster(settings)
    this.#logs = Array.from({ length: settings.partitions }, (_, partition) => new PartitionLog(this.#cluster, this.#topic, partition))
    this.#admin = newKafka(settings).admin()
  }

  async read(after: string, limit: number): Promise<readonly KeptRefusal[]> {
    const offsets = cursorParts(after, this.#logs.length)
    const kept: KeptRefusal[] = []
    for (const log of this.#logs) {
      for (let isMore = true; isMore && kept.length < limit; ) {
        const { records, next, stable } = await this.#fetch(log, offsets[log.partition] ?? 0)
        for (const { offset, value } of records.slice(0, limit - kept.length)) {
          offsets[log.partition] = Number(offset) + 1
          const id = `${log.partition}-${offset}`
          kept.push({ id, cursor: offsets.join('.'), record: storedRefusal(value?.toString() ?? '', `topic ${this.#topic}, ${id}`) })
        }
        isMore = next < stable && kept.length < limit
        if (isMore) offsets[log.partition] = next
      }
    }
    return kept
  }

  async find(id: string): Promise<KeptRefusal | undefined> {
    const [, partition, offset] = /^(\d{1,6})-(\d{1,15})$/.exec(id) ?? []
    if (offset === undefined || this.#logs[Number(partition)] === undefined) return undefined
    const at = this.#logs.map((log) => (log.partition === Number(partition) ? Number(offset) : Number.MAX_SAFE_INTEGER))
    const [kept] = await this.read(at.join('.'), 1)
    return kept?.id === id ? kept : undefined
  }

  /** The broker does not tell the bytes. Records are counted by their offsets, which the ends of transactions take, too. */
  async usage(): Promise<RefusedUsage> {
    const { ageMsMax, partitionBytesMax } = await this.#readLimits()
    const bounds = await Promise.all(this.#logs.map((log) => log.bounds()))
    const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
    return {
      records: sumOf(bounds.map(({ beginning, stable }) => stable - beginning)),
      bytes: null,
      bytesMax: partitionBytesMax === null ? null : partitionBytesMax * this.#logs.length,
      ageMsMax,
      dropped: { records: sumOf(bounds.map(({ beginning }) => beginning)), lastAt: null },
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#cluster.disconnect(), this.#admin.disconnect()].map((ended) => ended.catch(() => {})))
  }

  /** Continues at the beginning of the topic if retention has removed what follows the offset; after the end it finds nothing. */
  async #fetch(log: PartitionLog, from: number): Promise<FetchResult> {
    try {
      return await log.fetch(from, LIMITS)
    } catch (failure) {
      if (!(failure instanceof RondoError && failure.code === 'RONDO_LOG_INCOMPLETE')) throw failure
      const { beginning, stable } = await log.bounds()
      return from < beginning ? log.fetch(beginning, LIMITS) : { records: [], next: from, stable, end: stable }
    }
  }

  #readLimits(): Promise<Limits> {
    this.#limits ??= this.#askLimits().catch((failure) => {
      this.#limits = undefined
      throw kafkaFailure(`The retention of ${this.#topic} cannot be read`, failure)
    })
    return this.#limits
  }

  async #askLimits(): Promise<Limits> {
    await this.#admin.connect()
    const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: this.#topic, configNames: ['retention.ms', 'retention.bytes'] }]
    const {
      resources: [found],
    } = await this.#admin.describeConfigs({ includeSynonyms: false, resources })
    const limitOf = (name: string): number | null => {
      const value = Number(found?.configEntries.find(({ configName }) => configName === name)?.configValue ?? -1)
      return value < 0 ? null : value
    }
    return { ageMsMax: limitOf('retention.ms'), partitionBytesMax: limitOf('retention.bytes') }
  }
}
