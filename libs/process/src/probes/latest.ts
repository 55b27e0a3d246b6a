import { untilAborted } from '#runtime'

/** How long a reader of metrics waits for an answer: less than the time-out of a scrape. */
const WAIT_MS_MAX = 1_000

/** The newest answer to a question that may fail or take long, such as one to brokers that are away. It is asked once at a time. */
export class Latest<Answer> {
  readonly #ask: () => Promise<Answer>
  #answer: Answer | undefined
  #asking: Promise<void> | undefined

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask
  }

  /** A new answer if it comes soon, else the last one; undefined if there was none. */
  async value(): Promise<Answer | undefined> {
    this.#asking ??= this.#find()
    await untilAborted(this.#asking, AbortSignal.timeout(WAIT_MS_MAX))
    return this.#answer
  }

  async #find(): Promise<void> {
    try {
      this.#answer = await this.#ask()
    } catch {
      // Other metrics and the alarms show that the store does not answer.
    } finally {
      this.#asking = undefined
    }
  }
}
