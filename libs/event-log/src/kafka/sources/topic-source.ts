import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { GroupMember } from '../assignment/group-member.ts'
import { newKafka } from '../client/kafka-client.ts'
import { isOfType, kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { prefixOfDeployment } from '../client/topics.ts'
import { TopicSourcePartition } from './topic-source-partition.ts'

/** The topic of a source, and the group that reads it. */
export interface TopicSourceOptions {
  readonly settings: KafkaSettings
  readonly topic: string
  /** The consumer group that shares the topic's partitions and keeps how far each was read. */
  readonly group: string
  /** Called with failures for which no caller waits. */
  readonly onError: (error: RondoError) => void
}

/** Called when partitions are assigned and revoked. A partition that is lost may still be read for a moment: reading is at least once. */
export interface TopicReaders {
  assigned(partition: TopicSourcePartition): void
  revoked(partition: number): void
}

/** A topic of another system, whose partitions are shared among the members of a group and read at least once. */
export class TopicSource {
  readonly #options: TopicSourceOptions
  readonly #admin: Admin
  readonly #owned = new Map<number, TopicSourcePartition>()
  #connected: Promise<void> | undefined
  #member: GroupMember | undefined

  constructor(options: TopicSourceOptions) {
    this.#options = options
    this.#admin = newKafka(options.settings).admin()
  }

  /**
   * How many partitions the topic has.
   * @throws RondoError RONDO_SOURCES_INVALID if it is a topic of Rondo, RONDO_SOURCE_BROKEN if there is no such topic, RONDO_LOG_UNAVAILABLE
   */
  async partitions(): Promise<number> {
    const { topic } = this.#options
    try {
      await this.#connect()
      const prefix = prefixOfDeployment(topic, new Set(await this.#admin.listTopics()))
      if (prefix !== undefined) throw ownTopicError(topic, prefix)
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
      return topics[0]?.partitions.length ?? 0
    } catch (failure) {
      if (failure instanceof RondoError) throw failure
      if (!isOfType(failure, 'UNKNOWN_TOPIC_OR_PARTITION')) throw kafkaFailure(`The topic ${topic} cannot be checked`, failure)
      throw new RondoError('RONDO_SOURCE_BROKEN', `There is no topic ${topic}. Make it, or take the source that names it out of the configuration.`)
    }
  }

  /** Resolves when the group has been joined. @throws RondoError RONDO_LOG_UNAVAILABLE */
  async read(readers: TopicReaders): Promise<void> {
    const { settings, topic, group, onError } = this.#options
    await this.#connect()
    const member = new GroupMember({ settings: { ...settings, group }, topic, onError, onJoin: (partitions) => this.#assign(partitions, readers) })
    this.#member = member
    await member.start()
  }

  async close(): Promise<void> {
    await this.#member?.stop()
    await Promise.all([...this.#owned.values()].map((partition) => partition.close()))
    await this.#admin.disconnect().catch(() => {})
  }

  async #connect(): Promise<void> {
    this.#connected ??= this.#admin.connect()
    try {
      await this.#connected
    } catch (failure) {
      this.#connected = undefined
      throw kafkaFailure('Kafka cannot be reached', failure)
    }
  }

  #assign(partitions: readonly number[], readers: TopicReaders): void {
    for (const [partition, owned] of this.#owned) {
      if (partitions.includes(partition)) continue
      this.#owned.delete(partition)
      readers.revoked(partition)
      void owned.close()
    }
    for (const partition of partitions) {
      if (this.#owned.has(partition)) continue
      const { settings, topic, group } = this.#options
      const commit = async (offset: number): Promise<void> => {
        if (this.#owned.has(partition)) await this.#member?.commit(partition, offset)
      }
      const owned = new TopicSourcePartition({ settings, topic, partition, commit, committed: () => this.#committed(group, partition) })
      this.#owned.set(partition, owned)
      readers.assigned(owned)
    }
  }

  async #committed(groupId: string, partition: number): Promise<number | undefined> {
    const { topic } = this.#options
    const [answer] = await this.#admin.fetchOffsets({ groupId, topics: [topic] })
    const offset = Number(answer?.partitions.find((one) => one.partition === partition)?.offset ?? -1)
    return offset < 0 ? undefined : offset
  }
}

/** A source that reads `activity` would write each record to `activity` again, without end. */
function ownTopicError(topic: string, prefix: string): RondoError {
  const deployment = prefix === '' ? 'without a prefix' : `with the prefix ${prefix}`
  const message = `The topic ${topic} is one of Rondo's own, of the deployment ${deployment}: it cannot be a source. Name the topic that your events come from.`
  return new RondoError('RONDO_SOURCES_INVALID', message)
}
