import { RondoError } from '#contracts'
import { pause, retry } from '#runtime'
import { type Cluster, type FetchedPartition, type FetchedRecord, READ_COMMITTED } from '../client/kafka-client.ts'
import { isOfType, kafkaFailure, TOPIC_NOT_KNOWN_YET } from '../client/kafka-failure.ts'
import { committedRecords } from './committed-records.ts'

/** The pauses between attempts to reach the brokers. */
export const RETRY_PAUSES = { pauseMs: 20, pauseMsMax: 1000 }
/** With the pauses above, some 7 s: a new partition needs a few seconds to get a leader. */
const BOUNDS_ATTEMPTS_MAX = 13
/** The size of one request when the whole log is read. */
const ALL_BYTES = 4 << 20
/** A broker marks the end of a transaction a few milliseconds after it has answered. */
const DECIDED_POLL_MS = 2
/** Failures after which the leader may be another broker, so that the metadata must be read again. */
const STALE_METADATA = ['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSBrokerNotFound', ...TOPIC_NOT_KNOWN_YET]

/** Committed records from an offset on, and the state of the log when they were read. */
export interface FetchResult {
  readonly records: readonly FetchedRecord[]
  /** The offset to continue from: after all that was read, markers and aborted records included. */
  readonly next: number
  /** After the last record whose transaction is decided. */
  readonly stable: number
  /** After the last record. */
  readonly end: number
}

/** The range of a log that can be read. */
export interface Bounds {
  /** The first offset that the log still has. */
  readonly beginning: number
  /** The offset after the last record whose transaction is decided. */
  readonly stable: number
}

/** About how much one request may give, and how long the broker may wait for the first record. */
export interface FetchLimits {
  readonly bytesMax: number
  readonly waitMs: number
}

/**
 * One partition of a topic, read from any offset without a consumer group: one request a call. Consumers of kafkajs read only what a
 * group assigned to them, one at a time and all partitions in step.
 */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly #cluster: Cluster

  constructor(cluster: Cluster, topic: string, partition: number) {
    this.#cluster = cluster
    this.topic = topic
    this.partition = partition
  }

  /**
   * Committed records from `offset` on: up to about `bytesMax` bytes, at least one batch if there is one. Waits up to `waitMs` for it.
   * @throws RondoError RONDO_LOG_INCOMPLETE if the log begins above the offset or ends below it; RONDO_DATA_CORRUPT if records cannot
   * be decompressed; RONDO_LOG_UNAVAILABLE
   */
  async fetch(offset: number, limits: FetchLimits): Promise<FetchResult> {
    try {
      const fetched = await this.#request(offset, limits)
      const stable = Number(fetched.lastStableOffset)
      const records = committedRecords(fetched).filter((record) => Number(record.offset) >= offset)
      return { records, next: nextOffset(fetched, offset), stable, end: Number(fetched.highWatermark) }
    } catch (failure) {
      if (isOfType(failure, 'OFFSET_OUT_OF_RANGE')) throw this.#outOfRange(offset, failure)
      if (failure instanceof RondoError && failure.code === 'RONDO_DATA_CORRUPT') throw this.#undecodable(offset, failure)
      throw await this.#failureAfterRefresh(failure)
    }
  }

  /**
   * Fetches as {@link fetch} does, and tries again while the brokers cannot be reached.
   * @returns undefined if the signal came first
   */
  fetchWithRetry(offset: number, limits: FetchLimits, signal?: AbortSignal): Promise<FetchResult | undefined> {
    return retry(() => this.fetch(offset, limits), { ...RETRY_PAUSES, ...(signal && { signal }) })
  }

  /**
   * The first offset that the log still has, and the one after the last record whose transaction is decided.
   * @param signal ends the retries; without one it is retried for a few seconds, which a partition needs to get a leader
   * @throws RondoError RONDO_LOG_UNAVAILABLE, also if the signal came first
   */
  async bounds(signal?: AbortSignal): Promise<Bounds> {
    const limit = signal === undefined ? { attemptsMax: BOUNDS_ATTEMPTS_MAX } : { signal }
    const bounds = await retry(() => this.#bounds(), { ...RETRY_PAUSES, ...limit })
    if (bounds !== undefined) return bounds
    throw new RondoError(
      'RONDO_LOG_UNAVAILABLE',
      `Partition ${this.partition} of ${this.topic} is no longer read: the process that asked for it is ending or has lost it.`,
      { retriable: true },
    )
  }

  /**
   * Resolves when every transaction that has records in the log now is decided, or at the signal. A commit is
   * marked a few milliseconds after its answer, and until then its records are hidden.
   */
  async untilDecided(signal?: AbortSignal): Promise<void> {
    const stable = async () => (await this.#boundsUntil(signal))?.stable
    let reached = await stable()
    if (reached === undefined) return
    const { end } = (await this.fetchWithRetry(reached, { bytesMax: 1, waitMs: 0 }, signal)) ?? { end: reached }
    while (reached !== undefined && reached < end) {
      await pause(DECIDED_POLL_MS, signal)
      reached = await stable()
    }
  }

  /** All committed records, from the beginning to the present end of the log. Retries as {@link fetchWithRetry} does, and ends at the signal. */
  async *allRecords(signal?: AbortSignal): AsyncGenerator<FetchedRecord> {
    const { beginning, stable } = (await this.#boundsUntil(signal)) ?? { beginning: 0, stable: 0 }
    for (let at = beginning; at < stable; ) {
      const fetched = await this.fetchWithRetry(at, { bytesMax: ALL_BYTES, waitMs: 0 }, signal)
      if (fetched === undefined) return
      yield* fetched.records
      // Compaction leaves empty batches at the end, without records: `next` does not pass them.
      at = fetched.next === at ? stable : fetched.next
    }
  }

  #boundsUntil(signal?: AbortSignal): Promise<Bounds | undefined> {
    return retry(() => this.#bounds(), { ...RETRY_PAUSES, ...(signal && { signal }) })
  }

  async #bounds(): Promise<Bounds> {
    try {
      await this.#findLeader()
      return { beginning: await this.#bound('beginning'), stable: await this.#bound('stable') }
    } catch (failure) {
      throw await this.#failureAfterRefresh(failure)
    }
  }

  async #bound(which: keyof Bounds): Promise<number> {
    const { topic, partition } = this
    const [answer] = await this.#cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: which === 'beginning' }])
    return Number(answer?.partitions[0]?.offset)
  }

  async #request(offset: number, { bytesMax, waitMs }: FetchLimits): Promise<FetchedPartition> {
    const { topic, partition } = this
    const broker = await this.#cluster.findBroker({ nodeId: await this.#findLeader() })
    const { responses } = await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: waitMs,
      minBytes: 1,
      maxBytes: bytesMax,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: bytesMax }] }],
    })
    const fetched = responses[0]?.partitions[0]
    if (fetched === undefined)
      throw new RondoError(
        'RONDO_LOG_UNAVAILABLE',
        `The broker held back its answer on ${topic}: a quota of this client is used up. Raise the quota, or wait; it is tried again.`,
        { retriable: true },
      )
    return fetched
  }

  async #findLeader(): Promise<string> {
    const { topic, partition } = this
    if (!this.#cluster.isConnected()) await this.#cluster.connect()
    await this.#cluster.addTargetTopic(topic)
    await this.#cluster.refreshMetadataIfNecessary()
    const [nodeId] = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]))
    if (nodeId === undefined) throw new RondoError('RONDO_LOG_MISMATCH', `The topic ${topic} has no partition ${partition}.`)
    return nodeId
  }

  /** After a failure the leader may be another broker, or its connection dead: both are forgotten before the next attempt. */
  async #failureAfterRefresh(failure: unknown): Promise<RondoError> {
    if (STALE_METADATA.some((type) => isOfType(failure, type))) {
      const { host, port } = failure as { host?: string; port?: number }
      if (host !== undefined && port !== undefined) this.#cluster.removeBroker({ host, port })
      await this.#cluster.refreshMetadata().catch(() => {})
    }
    return kafkaFailure(`${this.topic} partition ${this.partition} cannot be read`, failure)
  }

  /** A retry fails in the same way, so the error differs from that of unreachable brokers. */
  #undecodable(offset: number, cause: RondoError): RondoError {
    const where = `The topic ${this.topic}, partition ${this.partition} cannot be read from offset ${offset} on`
    const advice = 'Restore the partition if it is damaged; if a newer client wrote it, let that use none, gzip, snappy, lz4 or zstd.'
    return new RondoError('RONDO_DATA_CORRUPT', `${where}: ${cause.message}. ${advice}`, { cause })
  }

  #outOfRange(offset: number, cause: unknown): RondoError {
    return new RondoError(
      'RONDO_LOG_INCOMPLETE',
      `The topic ${this.topic} no longer holds offset ${offset} of partition ${this.partition}: records were deleted, by retention or with the topic. Restore the topic, or rebuild under a new group from what is left.`,
      { cause },
    )
  }
}

function nextOffset({ messages }: FetchedPartition, offset: number): number {
  const last = messages.at(-1)
  if (last === undefined) return offset
  // Compaction can remove the last records of a batch; the batch still has its original end.
  return Math.max(offset, Number(last.batchContext.firstOffset) + last.batchContext.lastOffsetDelta + 1)
}
