import type { Instant } from '#contracts'

/** An item that waits to be written. */
export interface Waiting<Item> {
  readonly item: Item
  /** Undefined for a tick: no caller waits for it. */
  readonly since: Instant | undefined
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Writes the items that `take` gives, all or nothing. Items that are added before `take` is called are written with them. */
export type WriteTaken<Item> = (take: () => readonly Waiting<Item>[]) => Promise<void>

/** The items that wait to be written to one partition, in their order, one write after the other. */
export class WriteQueue<Item> {
  readonly #write: WriteTaken<Item>
  #waiting: Waiting<Item>[] = []
  #taken: readonly Waiting<Item>[] = []
  #isWriting = false
  #hasNews = true
  #stopped: Error | undefined

  constructor(write: WriteTaken<Item>) {
    this.#write = write
  }

  /** When the oldest item that is not durable yet began to wait. */
  get oldest(): Instant | undefined {
    return [...this.#taken, ...this.#waiting].find(({ since }) => since !== undefined)?.since
  }

  /** Whether anything but ticks was added since the last tick. */
  get hasNews(): boolean {
    return this.#hasNews
  }

  /** The failure after which nothing more is written. */
  get stopped(): Error | undefined {
    return this.#stopped
  }

  /** Resolves when the item is durable. */
  put(item: Item, since: Instant): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#stopped !== undefined) return reject(this.#stopped)
      this.#hasNews = true
      this.#waiting.push({ item, since, resolve, reject })
      this.#schedule()
    })
  }

  /** Added after all that waits. A tick that waits at the end is out of date, and is replaced. */
  tick(item: Item): void {
    if (this.#stopped !== undefined) return
    this.#hasNews = false
    const last = this.#waiting.at(-1)
    if (last !== undefined && last.since === undefined) this.#waiting.pop()
    this.#waiting.push({ item, since: undefined, resolve() {}, reject() {} })
    this.#schedule()
  }

  /** Writes nothing more, and rejects the items that wait. */
  stop(reason: Error): void {
    this.#stopped ??= reason
    for (const { reject } of this.#takeWaiting()) reject(reason)
  }

  #schedule(): void {
    if (this.#isWriting || this.#stopped !== undefined) return
    this.#isWriting = true
    // Requests that the event loop reads in the same round share a frame and a sync.
    setImmediate(() => void this.#writeAll())
  }

  async #writeAll(): Promise<void> {
    while (this.#stopped === undefined && this.#waiting.length > 0) {
      try {
        await this.#write(() => {
          this.#taken = this.#takeWaiting()
          return this.#taken
        })
        for (const { resolve } of this.#taken) resolve()
      } catch (error) {
        for (const { reject } of this.#taken) reject(error)
      }
    }
    this.#taken = []
    this.#isWriting = false
  }

  #takeWaiting(): readonly Waiting<Item>[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
