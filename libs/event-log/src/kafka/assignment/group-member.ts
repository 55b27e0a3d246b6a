import type { Consumer } from 'kafkajs'
import type { RondoError } from '#contracts'
import { anyFailure, pause, retry, untilAborted } from '#runtime'
import { newKafka } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import { defaultTimes, type KafkaSettings, retrySettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'

/** The pause before a member joins its group again: each join interrupts all members. */
const REJOIN_MS = 1000
/** Brokers that can be reached release a member sooner than that; otherwise the session ends it. kafkajs would try for some 20 s. */
const LEAVE_MS_MAX = 1500
/** The first answer may be that to a heartbeat sent before the call; the second answers a heartbeat that was sent after it. */
const BEATS_TO_CONFIRM = 2
/** Attempts of a consumer before it is treated as crashed and started again: some 10 s. */
const CONSUMER_RETRIES = 100

/** The group that a {@link GroupMember} joins, and what it calls. */
export interface GroupMemberOptions {
  readonly settings: KafkaSettings
  /** The topic whose partitions the group shares; `activity` unless another is named. */
  readonly topic?: string
  /** Called with the partitions at each join of the group, before anything else happens. */
  readonly onJoin: (partitions: readonly number[]) => void
  readonly onError: (error: RondoError) => void
  /** Called at each answer of the group: to a join, to a heartbeat, and at each assignment. */
  readonly onAnswer?: () => void
}

/**
 * Membership in the consumer group, which decides who owns which partition. Its consumer has all partitions paused for ever and
 * only sends heartbeats. So no slow partition delays the others or a rebalance, and the offsets that the group would fetch do not matter.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #topic: string
  readonly #joinedOnce = Promise.withResolvers<void>()
  #consumer: Consumer | undefined
  readonly #end = new AbortController()
  #hasJoined = false
  #confirmationCount = 0
  #waiters: { readonly confirmedAt: number; readonly resolve: () => void }[] = []

  constructor(options: GroupMemberOptions) {
    this.#options = options
    // Without a consumer no caller waits for it.
    this.#joinedOnce.promise.catch(() => {})
    this.#topic = options.topic ?? topicOf(options.settings, 'activity')
  }

  /** Resolves at the first join. @throws RondoError RONDO_LOG_UNAVAILABLE; RONDO_ARGUMENT_INVALID if the brokers do not allow the session */
  async start(): Promise<void> {
    await this.#run()
    await this.#joinedOnce.promise
  }

  /** Leaves the group, if the brokers can be reached, so that others need not wait for the end of the session. */
  async stop(): Promise<void> {
    this.#end.abort()
    this.#joinedOnce.resolve()
    // A consumer that cannot leave is removed when its session ends.
    const leaving = this.#consumer?.disconnect().catch(() => {})
    if (leaving !== undefined) await untilAborted(leaving, AbortSignal.timeout(LEAVE_MS_MAX))
  }

  /** Resolves when the group has confirmed the membership by an answer to a request sent after this call. */
  confirmed(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false)
      const onAbort = (): void => resolve(false)
      const confirm = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve(true)
      }
      this.#waiters.push({ confirmedAt: this.#confirmationCount + BEATS_TO_CONFIRM, resolve: confirm })
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Commits in the group how far a partition was read. For readers at least once; processors commit with their transactions. */
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
    // kafkajs calls these listeners synchronously; `group_join` comes after the assignment and before any fetch.
    consumer.on('consumer.group_join', ({ payload }) => {
      consumer.pause([{ topic: this.#topic }])
      this.#join(payload.memberAssignment[this.#topic] ?? [])
    })
    consumer.on('consumer.heartbeat', () => {
      this.#options.onAnswer?.()
      this.#confirm(1)
    })
    consumer.on('consumer.rebalancing', () => this.#options.onAnswer?.())
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
    this.#options.onJoin(partitions)
    this.#options.onAnswer?.()
    this.#confirm(BEATS_TO_CONFIRM)
    this.#hasJoined = true
    this.#joinedOnce.resolve()
  }

  #confirm(count: number): void {
    this.#confirmationCount += count
    const due = this.#waiters.filter(({ confirmedAt }) => confirmedAt <= this.#confirmationCount)
    this.#waiters = this.#waiters.filter(({ confirmedAt }) => confirmedAt > this.#confirmationCount)
    for (const { resolve } of due) resolve()
  }

  /** Owned partitions stay owned after a crash of the consumer: if another process takes one, it fences this process. */
  #crashed(error: Error, restarts: boolean): void {
    if (this.#end.signal.aborted) return
    const failure = kafkaFailure(`The group ${this.#options.settings.group} cannot be joined, or is out of reach`, error)
    // The brokers refuse a setting: the caller that waits for the join gets the failure, and there is no retry.
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
    await retry(() => this.#run(), { pauseMs: REJOIN_MS, signal, retryOn: anyFailure, onFailure: this.#options.onError })
  }
}
