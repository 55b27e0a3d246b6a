import { Readable } from 'node:stream'
import type { FeedCursor } from '../feed/served-feed.ts'
import type { Buffering, LiveBudget, SlowReason } from './live-budget.ts'
import type { LiveEvent, LiveFilter } from './live-query.ts'
import { BEGINNING, eventText } from './live-text.ts'

/** How long a client that was dropped may take to read that it was. */
const FAREWELL_MS = 10_000

/** What a client has asked for. */
export interface LiveOrder {
  readonly cycle: string
  readonly events: ReadonlySet<LiveEvent>
  readonly filter: LiveFilter
  /** Whether its key still opens the stream. */
  readonly isAllowed: () => boolean
}

/**
 * What one client gets. Texts wait here until its connection takes them, as long as the budget allows; then the client is told that it is slow, and
 * the stream ends. It loses nothing: it connects again with the id of the last event that it has read.
 */
export class LiveStream implements Buffering {
  readonly order: LiveOrder
  /** The body of the answer. */
  readonly body: Readable
  /** Where the client is in the feed. */
  cursor: FeedCursor
  readonly #budget: LiveBudget
  readonly #waiting: Buffer[] = []
  #waitingBytes = 0
  /** Whether the connection has asked for the next text. */
  #isWanted = false
  #isEnded = false
  #farewell: NodeJS.Timeout | undefined
  #onRoom: (() => void) | undefined
  /** Called once when the stream ends. */
  onClose: () => void = () => {}

  constructor(order: LiveOrder, cursor: FeedCursor, budget: LiveBudget) {
    this.order = order
    this.cursor = cursor
    this.#budget = budget
    // One text at a time is beyond this buffer: what waits is counted here.
    this.body = new Readable({ highWaterMark: 1, read: () => this.#wanted(), destroy: (_, done) => this.#closed(done) })
    budget.add(this, order.cycle)
    this.give(Buffer.from(BEGINNING))
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  get isOpen(): boolean {
    return !this.#isEnded
  }

  /** @param text complete events; not changed later, since several streams may share it */
  give(text: Buffer): void {
    if (this.#isEnded || text.length === 0) return
    this.#waiting.push(text)
    this.#waitingBytes += text.length
    this.#budget.count(this, text.length)
    this.#flow()
  }

  /** Resolves when nothing waits for the client, or when the stream has ended. */
  async emptied(): Promise<void> {
    if (this.#isEnded || this.#waiting.length === 0) return
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve
    })
  }

  drop(reason: SlowReason): void {
    if (this.#isEnded) return
    const bytes = this.#waitingBytes
    this.#forget()
    this.body.push(eventText('slow', JSON.stringify({ reason, bytes })))
    this.end()
  }

  /** Ends the stream behind what waits. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const text of this.#waiting) this.body.push(text)
    this.#forget()
    this.body.push(null)
    this.#farewell = setTimeout(() => this.body.destroy(), FAREWELL_MS).unref()
    this.#left()
  }

  #wanted(): void {
    this.#isWanted = true
    this.#flow()
  }

  /** Gives the connection a text if it has room for one. */
  #flow(): void {
    if (this.#isEnded) return
    const text = this.#isWanted ? this.#waiting.shift() : undefined
    if (text !== undefined) {
      this.#isWanted = false
      this.#waitingBytes -= text.length
      this.#budget.count(this, -text.length)
      this.body.push(text)
    }
    if (this.#waiting.length === 0) this.#hasRoom()
  }

  #forget(): void {
    const bytes = this.#waitingBytes
    this.#waiting.length = 0
    this.#waitingBytes = 0
    this.#budget.count(this, -bytes)
  }

  #closed(done: (error: null) => void): void {
    clearTimeout(this.#farewell)
    if (!this.#isEnded) {
      this.#isEnded = true
      this.#forget()
      this.#left()
    }
    done(null)
  }

  #left(): void {
    this.#budget.remove(this)
    this.#hasRoom()
    this.onClose()
  }

  #hasRoom(): void {
    this.#onRoom?.()
    this.#onRoom = undefined
  }
}
