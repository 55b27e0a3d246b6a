import { RondoError } from '#contracts'
import { untilAborted } from '#runtime'
import type { Feed, FeedRecord } from '../../event-log.ts'
import { type Cluster, type FetchedRecord, newCluster } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { type TopicName, topicOf } from '../client/topics.ts'
import { type FetchResult, PartitionLog } from './partition-log.ts'
import { tracesOf } from './trace-headers.ts'

/** The limit of records in one answer, however many were requested. */
const PAGE_MAX = 10_000
const FETCH_BYTES_MAX = 1 << 20
/** About the size of an output: it decides how much is fetched for a small page. */
const RECORD_BYTES = 1024

/** The topics that are read as a growing list: the feed, and in the same way late and refused events. */
export type ListTopic = Extract<TopicName, 'transitions' | 'late' | 'quarantine'>

/**
 * The public feed of one partition. A cursor is the offset after a record, so each partition has its own cursors: a reader of several
 * keeps one for each. There is no order between partitions, as there is none between their actors.
 *
 * A committed batch is visible when the broker has marked its transaction, some milliseconds after its commit was answered.
 */
export class KafkaFeed implements Feed {
  /**
   * This list for a reader that continues after the last record that it has read. If the list ends before that record, records are lost,
   * and `read` throws RONDO_LOG_INCOMPLETE, where {@link KafkaFeed.read} gives an empty list.
   */
  readonly followed: Pick<Feed, 'read'> & { close(): Promise<void> } = {
    read: (after, limit) => this.#read(after, limit),
    close: () => this.close(),
  }
  readonly #cluster: Cluster
  readonly #log: PartitionLog
  readonly #closing = new AbortController()

  constructor(settings: KafkaSettings, partition: number, topic: ListTopic = 'transitions') {
    this.#cluster = newCluster(settings)
    this.#log = new PartitionLog(this.#cluster, topicOf(settings, topic), partition)
  }

  /** @throws RondoError RONDO_LOG_INCOMPLETE if the list begins above the cursor; RONDO_LOG_UNAVAILABLE */
  async read(after: number, limit: number): Promise<FeedRecord[]> {
    try {
      return await this.#read(after, limit)
    } catch (failure) {
      if (!(failure instanceof RondoError && failure.code === 'RONDO_LOG_INCOMPLETE')) throw failure
      // The answer of the broker does not show whether the offset is below or above its records.
      const { beginning } = await this.#log.bounds()
      if (after < beginning) throw failure
      return []
    }
  }

  async newest(limit: number): Promise<FeedRecord[]> {
    const wanted = pageSize(limit)
    if (wanted === 0) return []
    const { beginning, stable } = await this.#log.bounds()
    // Markers and aborted records take offsets too, so it may need several attempts, each further back. 16 more are enough for a feed with few markers.
    for (let back = wanted + 16; ; back *= 2) {
      const from = Math.max(beginning, stable - back)
      const records = await this.#recordsBetween(from, stable, wanted)
      if (records.length === wanted || from === beginning) return records
    }
  }

  /**
   * Resolves when everything is visible that was committed before this call, however long the brokers are away.
   * @throws RondoError RONDO_LOG_UNAVAILABLE if the feed is closed before
   */
  async caughtUp(): Promise<void> {
    const { signal } = this.#closing
    await untilAborted(this.#log.untilDecided(signal), signal)
    if (!signal.aborted) return
    const { topic, partition } = this.#log
    throw new RondoError('RONDO_LOG_UNAVAILABLE', `The feed ${topic} of partition ${partition} was closed before it had caught up.`, { retriable: true })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#cluster.disconnect()
  }

  async #read(after: number, limit: number): Promise<FeedRecord[]> {
    const wanted = pageSize(limit)
    const records: FeedRecord[] = []
    for (let at = after; records.length < wanted; ) {
      const { records: found, next, stable } = await this.#fetch(at, wanted)
      for (const record of found.slice(0, wanted - records.length)) records.push(feedRecord(record))
      at = next
      if (at >= stable) break
    }
    return records
  }

  async #recordsBetween(from: number, end: number, wanted: number): Promise<FeedRecord[]> {
    const records: FeedRecord[] = []
    for (let at = from; at < end; ) {
      const fetched = await this.#fetch(at, wanted)
      records.push(...fetched.records.map(feedRecord))
      at = fetched.next
    }
    return records.filter(({ cursor }) => cursor <= end).slice(-wanted)
  }

  #fetch(offset: number, wanted: number): Promise<FetchResult> {
    return this.#log.fetch(offset, { bytesMax: Math.min(FETCH_BYTES_MAX, wanted * RECORD_BYTES), waitMs: 0 })
  }
}

function feedRecord(fetched: FetchedRecord): FeedRecord {
  const { offset, value } = fetched
  const record = { cursor: Number(offset) + 1, output: value?.toString() ?? '' }
  const [trace] = tracesOf(fetched) ?? []
  return trace === undefined ? record : { ...record, trace }
}

function pageSize(limit: number): number {
  return Math.max(0, Math.min(limit, PAGE_MAX))
}
