import type { Consumer } from 'kafkajs'
import type { RondoError } from '#contracts'
import { anyFailure, pause, retry, untilAborted } from '#runtime'
import { newKafka } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import { defaultTimes, type KafkaSettings, retrySettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'

const REJOIN_MS = 1000
/** Brokers in reach let a member go sooner than that; else the session ends it. kafkajs would go on asking for some 20 s. */
const LEAVE_MS_MAX = 1500
/** The first heartbeat that is answered may have been asked before; the second was asked after the first was answered. */
const BEATS_TO_CONFIRM = 2
/** Attempts of a consumer before it counts as crashed and is started again: some 10 s. */
const CONSUMER_RETRIES = 100

export interface GroupMemberOptions {
  readonly settings: KafkaSettings
  /** Whose partitions the group shares; `activity` unless another is named. */
  readonly topic?: string
  /** Called with the partitions at each join of the group, before anything else happens. */
  readonly joined: (partitions: readonly number[]) => void
  readonly onError: (error: RondoError) => void
  /** Called at each answer of the group: to a join, to a heartbeat, and when it assigns the partitions again. */
  readonly answered?: () => void
}

/**
 * Membership in the consumer group, which says who owns what, and nothing else: its consumer has all partitions paused for ever and
 * only sends heartbeats. So no slow partition holds up its siblings or a rebalance, and the group's own idea of offsets does not matter.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #topic: string
  readonly #joinedOnce = Promise.withResolvers<void>()
  #consumer: Consumer | undefined
  readonly #end = new AbortController()
  #hasJoined = false
  #confirmations = 0
  #waiting: { readonly at: number; readonly resolve: () => void }[] = []

  constructor(options: GroupMemberOptions) {
    this.#options = options
    // Nobody waits for it where the consumer cannot even be made.
    this.#joinedOnce.promise.catch(() => {})
    this.#topic = options.topic ?? topicOf(options.settings, 'activity')
  }

  /** Resolves at the first join. @throws RondoError RONDO_LOG_UNAVAILABLE; RONDO_ARGUMENT_INVALID where the brokers do not allow the session */
  async start(): Promise<void> {
    await this.#run()
    await this.#joinedOnce.promise
  }

  /** Leaves the group, so that others need not wait for the session to run out, if the brokers can be told. */
  async stop(): Promise<void> {
    this.#end.abort()
    this.#joinedOnce.resolve()
    const leaving = this.#consumer?.disconnect().catch(() => {})
    if (leaving !== undefined) await untilAborted(leaving, AbortSignal.timeout(LEAVE_MS_MAX))
  }

  /** Resolves once the group has confirmed the membership by something that it was asked after this call. */
  confirmed(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false)
      const giveUp = (): void => resolve(false)
      const confirm = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve(true)
      }
      this.#waiting.push({ at: this.#confirmations + BEATS_TO_CONFIRM, resolve: confirm })
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** Notes in the group how far a partition was read. For those who read at least once; processors commit with their transactions. */
  async commit(partition: number, offset: number): Promise<void> {
    await this.#consumer?.commitOffsets([{ topic: this.#topic, partition, offset: String(offset) }])
  }

  async #run(): Promise<void> {
    const { settings } = this.#options
    const { sessionMs, heartbeatMs, rebalanceMs } = { ...defaultTimes, ...settings.times }
    const consumer = newKafka(settings).consumer({
      groupId: settings.group,
      sessionTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      // How often the idle consumer checks whether a heartbeat is due.
      maxWaitTimeInMs: Math.min(250, Math.ceil(heartbeatMs / 4)),
      allowAutoTopicCreation: false,
      retry: { ...retrySettings, retries: CONSUMER_RETRIES },
    })
    this.#consumer = consumer
    // kafkajs calls these synchronously; this one after the group has assigned and before anything is fetched.
    consumer.on('consumer.group_join', ({ payload }) => {
      consumer.pause([{ topic: this.#topic }])
      this.#join(payload.memberAssignment[this.#topic] ?? [])
    })
    consumer.on('consumer.heartbeat', () => {
      this.#options.answered?.()
      this.#confirm(1)
    })
    consumer.on('consumer.rebalancing', () => this.#options.answered?.())
    consumer.on('consumer.crash', ({ payload }) => this.#crashed(payload.error, payload.restart))
    try {
      await consumer.connect()
      await consumer.subscribe({ topic: this.#topic, fromBeginning: true })
      await consumer.run({ autoCommit: false, eachBatch: async () => {} })
    } catch (failure) {
      await consumer.disconnect().catch(() => {})
      throw kafkaFailure(`The group ${settings.group} cannot be joined`, failure)
    }
  }

  #join(partitions: readonly number[]): void {
    if (this.#end.signal.aborted) return
    this.#options.joined(partitions)
    this.#options.answered?.()
    this.#confirm(BEATS_TO_CONFIRM)
    this.#hasJoined = true
    this.#joinedOnce.resolve()
  }

  #confirm(count: number): void {
    this.#confirmations += count
    const due = this.#waiting.filter(({ at }) => at <= this.#confirmations)
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#confirmations)
    for (const { resolve } of due) resolve()
  }

  /** What is owned stays owned meanwhile: if another takes it, it fences us. */
  #crashed(error: Error, restarts: boolean): void {
    if (this.#end.signal.aborted) return
    const failure = kafkaFailure(`The group ${this.#options.settings.group} cannot be joined, or is out of reach`, error)
    // The brokers do not allow a setting: the caller that waits for the join gets the failure, and there is no retry.
    if (!failure.retriable && !this.#hasJoined) {
      this.#joinedOnce.reject(failure)
      return
    }
    this.#options.onError(failure)
    if (!restarts) void this.#rejoin()
  }

  async #rejoin(): Promise<void> {
    const { signal } = this.#end
    await pause(REJOIN_MS, signal)
    await retry(() => this.#run(), { pauseMs: REJOIN_MS, signal, passes: anyFailure, onFailure: this.#options.onError })
  }
}
