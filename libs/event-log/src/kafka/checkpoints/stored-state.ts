import type { Admin } from 'kafkajs'
import { type EventName, RondoError } from '#contracts'
import { retry } from '#runtime'
import { nameKey } from '../../name-key.ts'
import { identityOf } from '../client/fold-identity.ts'
import type { Cluster } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import { foldedPartitionText, type KafkaSettings, positionGroupOf } from '../client/kafka-settings.ts'
import { type TopicName, topicOf } from '../client/topics.ts'
import { PartitionLog, RETRY_PAUSES } from '../log/partition-log.ts'
import { ValueAssembly } from './checkpoint-records.ts'
import { type CommittedPosition, decodePosition } from './committed-position.ts'

/** The broker answers with one record, whatever its size. */
const FIRST_RECORD = { bytesMax: 1, waitMs: 0 }
/** The topics that only the owner writes: ingest, too, writes to `quarantine`. */
const OUTPUT_TOPICS: readonly TopicName[] = ['transitions', 'late', 'checkpoints']
const TRANSACTIONAL_TOPICS: readonly TopicName[] = [...OUTPUT_TOPICS, 'quarantine', 'names']

/** The partition whose state is read, and the connections for that. */
export interface StoredStateOptions {
  readonly settings: KafkaSettings
  readonly partition: number
  readonly admin: Admin
  readonly cluster: Cluster
  /** Ends the retries while the brokers cannot be reached. */
  readonly signal: AbortSignal
}

/**
 * The data that earlier owners have stored of a partition, for one cycle: the committed position and the stored values. Only an initialised producer
 * may read it, because before that an earlier owner can still commit.
 */
export class StoredState {
  readonly #settings: KafkaSettings
  readonly #partition: number
  readonly #admin: Admin
  readonly #cluster: Cluster
  readonly #signal: AbortSignal
  readonly identity: string

  constructor(options: StoredStateOptions) {
    this.#settings = options.settings
    this.#partition = options.partition
    this.#admin = options.admin
    this.#cluster = options.cluster
    this.#signal = options.signal
    this.identity = identityOf(options.settings.identity)
  }

  /**
   * The committed position. It is tried again until the signal while the group's coordinator cannot be reached.
   * @throws RondoError also if the fold cannot continue from the committed position: see {@link decodePosition}
   */
  async committed(): Promise<CommittedPosition | undefined> {
    const topic = topicOf(this.#settings, 'activity')
    const stored = await retry(() => this.#fetchOffset(topic), { ...RETRY_PAUSES, signal: this.#signal })
    if (stored === undefined) throw new RondoError('RONDO_LOG_UNAVAILABLE', `Partition ${this.#partition} was released.`, { retriable: true })
    return decodePosition(stored, this.identity, foldedPartitionText(this.#settings, this.#partition))
  }

  /**
   * Checks that the log still has the records after a position and, without a position, that nothing was published before.
   * @throws RondoError RONDO_LOG_INCOMPLETE
   */
  async checkContinuable(committed: CommittedPosition | undefined): Promise<void> {
    // The records that the log no longer has may be in the archive; a read shows whether they are.
    if (committed === undefined && this.#settings.isArchived === true) return this.#checkNothingPublished()
    const offset = committed?.position.offset ?? 0
    const fetched = await this.log('activity').fetchWithRetry(offset, FIRST_RECORD, this.#signal)
    if (committed === undefined) return this.#checkNothingPublished()
    if (fetched === undefined || fetched.end > offset) return
    throw new RondoError(
      'RONDO_LOG_INCOMPLETE',
      `Offset ${offset} of partition ${this.#partition} was folded, but ${topicOf(this.#settings, 'activity')} ends at ${fetched.end}: it has lost records. Restore the topic, or rebuild under a new group.`,
    )
  }

  /**
   * Topics with records whose transaction is neither committed nor aborted, although the transactions of all earlier producers have been ended: a
   * killed broker has forgotten to which transaction they belong. The next commit of the same producer would make them valid.
   */
  async topicsWithForgottenRecords(): Promise<TopicName[]> {
    const undecided = await Promise.all(
      TRANSACTIONAL_TOPICS.map(async (name) => {
        const log = this.log(name)
        const { stable } = await log.bounds(this.#signal)
        const fetched = await log.fetchWithRetry(stable, FIRST_RECORD, this.#signal)
        return fetched !== undefined && fetched.stable < fetched.end ? [name] : []
      }),
    )
    return undecided.flat()
  }

  /** The stored records of names of events. */
  async names(): Promise<EventName[]> {
    const log = this.log('names')
    await log.untilDecided(this.#signal)
    const records = new Map<string, EventName>()
    for await (const { value } of log.allRecords(this.#signal)) {
      const record = JSON.parse(value?.toString() ?? '') as EventName
      records.set(nameKey(record), record)
    }
    return [...records.values()]
  }

  /** All values of the partition's checkpoints, up to the end of the topic. */
  async checkpointValues(): Promise<ValueAssembly> {
    const log = this.log('checkpoints')
    await log.untilDecided(this.#signal)
    const assembly = new ValueAssembly()
    for await (const record of log.allRecords(this.#signal)) assembly.add(record)
    return assembly
  }

  log(name: TopicName): PartitionLog {
    return new PartitionLog(this.#cluster, topicOf(this.#settings, name), this.#partition)
  }

  /** Brokers delete the offsets of a group that was away for long (a week unless set); starting from the beginning would publish everything again. */
  async #checkNothingPublished(): Promise<void> {
    for (const name of OUTPUT_TOPICS) {
      for await (const _record of this.log(name).allRecords(this.#signal)) throw this.#positionLost(name)
    }
  }

  async #fetchOffset(topic: string): Promise<{ offset: string; metadata: string | null }> {
    const answer = await this.#admin.fetchOffsets({ groupId: positionGroupOf(this.#settings), topics: [topic] }).catch((failure) => {
      throw kafkaFailure(`The position of partition ${this.#partition} cannot be read`, failure)
    })
    const stored = answer[0]?.partitions.find(({ partition }) => partition === this.#partition)
    if (stored === undefined) throw new RondoError('RONDO_LOG_MISMATCH', `The topic ${topic} has no partition ${this.#partition}.`)
    return stored
  }

  #positionLost(name: TopicName): RondoError {
    return new RondoError(
      'RONDO_LOG_INCOMPLETE',
      `Partition ${this.#partition} has records in ${topicOf(this.#settings, name)}, but the group ${positionGroupOf(this.#settings)} has no committed position: the broker has forgotten it, or the group is new. Rebuild into topics of another prefix.`,
    )
  }
}

/** The error if the committed position says that the partition metadata is in `checkpoints`, and it is not there. */
export function missingPartitionMetadata(partition: number): RondoError {
  return new RondoError(
    'RONDO_LOG_INCOMPLETE',
    `The metadata of partition ${partition} that belongs to its committed position is missing or damaged in the checkpoints. Restore the topic, or rebuild under a new group.`,
  )
}
