import type { Admin } from 'kafkajs'
import type { RondoError } from '#contracts'
import { untilAborted } from '#runtime'
import type { LogReader, Ownership } from '../../event-log.ts'
import { newKafka } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { AssignedPartition } from './assigned-partition.ts'
import { GroupMember } from './group-member.ts'

/** How long a running commit may take when the reader closes; afterwards its connections end by themselves. */
const CLOSE_MS_MAX = 3000

/** What a {@link KafkaLogReader} reports beside the ownership of partitions. */
export interface ReaderCallbacks {
  /** Called with failures for which no caller waits; the reader does not end by itself after one that is not retriable. */
  readonly onError?: (error: RondoError) => void
  /** Called at each answer of the group: one for each heartbeat while the group can be reached. */
  readonly onAnswer?: () => void
  /** Called at each join with all partitions that are assigned to this process, before any is taken over. */
  readonly onAssign?: (partitions: readonly number[]) => void
}

/** Owns the partitions that a consumer group assigns to this process, for each cycle. */
export class KafkaLogReader implements LogReader {
  readonly #settings: KafkaSettings
  readonly #onError: (error: RondoError) => void
  readonly #onAnswer: () => void
  readonly #onAssign: (partitions: readonly number[]) => void
  readonly #admin: Admin
  readonly #assignments = new Map<number, AssignedPartition>()
  #member: GroupMember | undefined

  constructor(settings: KafkaSettings, { onError = () => {}, onAnswer = () => {}, onAssign = () => {} }: ReaderCallbacks = {}) {
    this.#settings = settings
    this.#onError = onError
    this.#onAnswer = onAnswer
    this.#onAssign = onAssign
    this.#admin = newKafka(settings).admin()
  }

  /** Resolves when the group has been joined. Each partition is handed over when it has been taken from its previous owner. */
  async own(ownership: Ownership): Promise<void> {
    await this.#admin.connect().catch((failure) => {
      throw kafkaFailure('Kafka cannot be reached', failure)
    })
    const member = new GroupMember({
      settings: this.#settings,
      onError: this.#onError,
      onAnswer: this.#onAnswer,
      onJoin: (partitions) => this.#assign(partitions, ownership, member),
    })
    this.#member = member
    await member.start()
  }

  /** Partitions that are assigned to this process and not yet taken over for all cycles. */
  get awaited(): number[] {
    return [...this.#assignments].filter(([, { isAssigned }]) => !isAssigned).map(([partition]) => partition)
  }

  /** The reasons why partitions cannot be taken over or continued. */
  get refusals(): [partition: number, refusal: RondoError][] {
    return [...this.#assignments].flatMap(([partition, { refusals }]) => refusals.map((refusal): [number, RondoError] => [partition, refusal]))
  }

  async close(): Promise<void> {
    const ends = [...this.#assignments.values()].map((assignment) => assignment.end())
    this.#assignments.clear()
    await untilAborted(Promise.all(ends), AbortSignal.timeout(CLOSE_MS_MAX))
    await this.#member?.stop()
    await this.#admin.disconnect().catch(() => {})
  }

  /**
   * Rebalances of kafkajs take all partitions from all members and assign them again. A partition that stays with this process is left alone:
   * everything that is published goes through its producer, which is fenced if there was another owner in between.
   */
  #assign(partitions: readonly number[], ownership: Ownership, member: GroupMember): void {
    this.#onAssign(partitions)
    for (const [partition, assignment] of this.#assignments) {
      if (partitions.includes(partition)) continue
      this.#assignments.delete(partition)
      void assignment.end()
    }
    for (const partition of partitions) {
      if (this.#assignments.has(partition)) continue
      const options = { settings: this.#settings, partition, member, admin: this.#admin, ownership, onError: this.#onError }
      this.#assignments.set(partition, new AssignedPartition(options))
    }
  }
}
