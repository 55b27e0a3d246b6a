import type { Instant, RondoError } from '#contracts'
import type { FeedRecord } from '#event-log'
import { FeedMaker } from './feed-maker.ts'

/** What the processors leave for serving, in memory: the feed of one partition, and the group's position with its log time. */
export class FeedAndPositions {
  logTime: Instant = 1000
  positionsFailure: RondoError | undefined
  feedFailure: RondoError | undefined
  /** Whether a reader has asked for records since {@link hang}. */
  isAsked = false
  polls = 0
  #outage: PromiseWithResolvers<void> | undefined
  readonly #maker = new FeedMaker()
  readonly #records: FeedRecord[] = []
  readonly followed = { read: (after: number) => this.#read(after), close: async () => {} }

  add(actor: number): void {
    const outputs = this.#maker.next({ what: 'transition', actor, stage: 'new', at: 0, kind: 'advance' })
    for (const output of outputs) this.#records.push({ cursor: this.#records.length + 1, output: JSON.stringify(output) })
  }

  /** From now on readers get no answer, until {@link answer}. */
  hang(): void {
    this.#outage = Promise.withResolvers<void>()
    this.isAsked = false
  }

  answer(): void {
    this.#outage?.resolve()
  }

  async newest(limit: number): Promise<FeedRecord[]> {
    return this.#records.slice(-limit)
  }

  async caughtUp(): Promise<void> {}

  async positions(): Promise<({ offset: number; index: number; cursor: null; logTime: Instant } | undefined)[]> {
    this.polls++
    if (this.positionsFailure !== undefined) throw this.positionsFailure
    return [Number.isFinite(this.logTime) ? { offset: this.#records.length, index: 0, cursor: null, logTime: this.logTime } : undefined]
  }

  async #read(after: number): Promise<FeedRecord[]> {
    this.isAsked = true
    await this.#outage?.promise
    if (this.feedFailure !== undefined) throw this.feedFailure
    return this.#records.slice(after)
  }
}
