import type { FeedCursor, ServedFeed } from './served-feed.ts'

const LOOK_MS = 20

interface Waiter {
  readonly after: FeedCursor
  readonly resolve: () => void
}

/** Tells those who wait for the next output. However many they are, one look at the feed serves them all; without any there is none. */
export class FeedWatch {
  readonly #feed: ServedFeed
  readonly #lookMs: number
  readonly #waiters = new Set<Waiter>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(feed: ServedFeed, lookMs = LOOK_MS) {
    this.#feed = feed
    this.#lookMs = lookMs
  }

  /** Resolves when there is an output after the cursor, when `waitMs` are over, when nobody wants it any more, or at {@link close}. */
  async beyond(after: FeedCursor, waitMs: number, unwanted: AbortSignal): Promise<void> {
    if (waitMs <= 0 || this.#isClosed || unwanted.aborted) return
    const { promise, resolve: settle } = Promise.withResolvers<void>()
    const resolve = (): void => settle()
    const waiter = { after, resolve }
    const limit = setTimeout(resolve, waitMs)
    unwanted.addEventListener('abort', resolve, { once: true })
    this.#waiters.add(waiter)
    this.#timer ??= setInterval(() => this.#look(), this.#lookMs)
    try {
      await promise
    } finally {
      clearTimeout(limit)
      unwanted.removeEventListener('abort', resolve)
      this.#waiters.delete(waiter)
      if (this.#waiters.size === 0) this.#rest()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#release(() => true)
  }

  #look(): void {
    this.#feed.newest(1).then(
      ([newest]) => this.#release(({ after }) => newest !== undefined && this.#feed.isBefore(after, newest.cursor)),
      // Whoever waits reads next, and is told what is wrong.
      () => this.#release(() => true),
    )
  }

  #release(isDue: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#waiters) if (isDue(waiter)) waiter.resolve()
  }

  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
