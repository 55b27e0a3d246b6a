import type { RondoError } from '#contracts'
import { type Clock, Recency } from '#runtime'

/**
 * The time without an answer of the feed or of Redis after which this process is not ready. It is twice the 5 s that a command waits for its
 * answer, so that a single lost answer does not make all serving processes unready at once. At the feed's end an empty batch is applied 20
 * times a second, so an idle feed also gives answers.
 */
const SILENCE_MS_MAX = 10_000

/** Whether the read models show the present feed, and if not, why. Partitions are numbered from 0. */
export class FeedHealth {
  /** When each partition last answered to a batch, and when the group was last polled. */
  readonly #answers: readonly Recency[]
  readonly #polls: Recency
  /** The partitions whose read models Redis has lost, until they are at the feed's end again. */
  readonly #refilled = new Set<number>()
  /** The partitions whose feed does not continue from the read models. */
  readonly #broken = new Map<number, RondoError>()
  #positionLost: RondoError | undefined
  #failure: RondoError | undefined

  constructor(partitions: number, clock: Clock) {
    this.#answers = Array.from({ length: partitions }, () => new Recency(clock))
    this.#polls = new Recency(clock)
  }

  /** The group has answered with its position, or that it is lost. */
  polled(positionLost: RondoError | undefined): void {
    this.#polls.renew()
    this.#positionLost = positionLost
  }

  /** Redis has answered to a batch. */
  answered(partition: number): void {
    this.#answers[partition]?.renew()
    this.#failure = undefined
    this.#broken.delete(partition)
  }

  /** The read models of a partition are at the feed's end. */
  filled(partition: number): void {
    this.#refilled.delete(partition)
  }

  /**
   * Redis is behind a position that it had before.
   * @returns whether this is new
   */
  wentBack(partition: number): boolean {
    if (this.#refilled.has(partition)) return false
    this.#refilled.add(partition)
    return true
  }

  /** The feed of a partition does not continue from the read models. */
  broke(partition: number, failure: RondoError): void {
    this.#broken.set(partition, failure)
  }

  /** A request has failed and is repeated. */
  failed(failure: RondoError): void {
    this.#failure = failure
  }

  /** The failure of the last attempt; undefined after a success. */
  get failure(): string | undefined {
    return this.#failure && sentenceOf(this.#failure)
  }

  get unreadyReason(): string | undefined {
    const [broken] = this.#broken
    if (broken !== undefined) return `The feed of partition ${broken[0]} cannot be followed: ${sentenceOf(broken[1])}`
    if (this.#refilled.size > 0) {
      return `Redis had lost read models, which are being filled again from the feed: partitions ${[...this.#refilled].sort((a, b) => a - b).join(', ')}.`
    }
    if (this.#positionLost !== undefined) return `Nothing new is published, so the read models do not change: ${sentenceOf(this.#positionLost)}`
    const silentMs = Math.max(...[this.#polls, ...this.#answers].map(({ ageMs }) => ageMs))
    if (silentMs <= SILENCE_MS_MAX) return undefined
    return `The read models were last brought up to the feed ${Math.round(silentMs / 1000)} s ago: ${this.failure ?? 'Kafka or Redis does not answer.'}`
  }
}

function sentenceOf({ message, code }: RondoError): string {
  return `${message} (${code})`
}
