import type { Admin } from 'kafkajs'
import type { Instant, Position } from '#contracts'
import { identityOf } from '../client/fold-identity.ts'
import { newKafka } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import { foldedPartitionText, type KafkaSettings, positionGroupOf } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { decodePosition, type FoldTimes, foldTimesOf } from './committed-position.ts'

/** The committed position of a group in one partition. */
export interface GroupPosition extends Position {
  /** Minus infinity before the first tick. */
  readonly logTime: Instant
  /** The metadata of the last batch; undefined if it was too large to be stored beside the offset. */
  readonly partitionMetadata?: string | undefined
}

/** The positions of one cycle that a group of processors has committed, for processes outside the group. */
export class GroupPositions {
  readonly #settings: KafkaSettings
  readonly #admin: Admin
  #connected: Promise<void> | undefined

  constructor(settings: KafkaSettings) {
    this.#settings = settings
    this.#admin = newKafka(settings).admin()
  }

  /**
   * The committed position of each partition; undefined if there is none.
   * @throws RondoError RONDO_LOG_UNAVAILABLE (retriable); RONDO_DATA_MISMATCH if the group folds by another definition or generation;
   * RONDO_LOG_INCOMPLETE if another program has set an offset
   */
  async positions(): Promise<(GroupPosition | undefined)[]> {
    const { partitions, identity } = this.#settings
    const stored = await this.#committedOffsets()
    return Array.from({ length: partitions }, (_, partition) => {
      const { offset = '-1', metadata = null } = stored.get(partition) ?? {}
      const committed = decodePosition({ offset, metadata }, identityOf(identity), foldedPartitionText(this.#settings, partition))
      return (
        committed && {
          ...committed.position,
          logTime: committed.logTime,
          partitionMetadata: committed.partitionMetadata,
        }
      )
    })
  }

  /**
   * The times of each partition's fold, by any definition; undefined if nothing was committed.
   * @throws RondoError RONDO_LOG_UNAVAILABLE (retriable)
   */
  async foldTimes(): Promise<(FoldTimes | undefined)[]> {
    const stored = await this.#committedOffsets()
    return Array.from({ length: this.#settings.partitions }, (_, partition) => foldTimesOf(stored.get(partition)?.metadata ?? null))
  }

  /**
   * Whether nothing has ever been written to `activity`.
   * @throws RondoError RONDO_LOG_UNAVAILABLE (retriable)
   */
  async isEmpty(): Promise<boolean> {
    const topic = topicOf(this.#settings, 'activity')
    const ends = await this.#request(`The end of the topic ${topic} cannot be read`, (admin) => admin.fetchTopicOffsets(topic))
    return ends.every(({ high }) => high === '0')
  }

  async close(): Promise<void> {
    await this.#admin.disconnect().catch(() => {})
  }

  async #committedOffsets(): Promise<Map<number, { offset: string; metadata: string | null }>> {
    const group = positionGroupOf(this.#settings)
    const topic = topicOf(this.#settings, 'activity')
    const [answer] = await this.#request(`The committed offsets of the group ${group} cannot be read`, (admin) =>
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    )
    return new Map(answer?.partitions.map((each) => [each.partition, each]))
  }

  /** @param failureText the beginning of the message if the request fails */
  async #request<T>(failureText: string, request: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      this.#connected ??= this.#admin.connect()
      await this.#connected
      return await request(this.#admin)
    } catch (failure) {
      this.#connected = undefined
      throw kafkaFailure(failureText, failure)
    }
  }
}
