import type { FeedCursor, ServedFeed } from './served-feed.ts'

/** A request that waits gets a new record after at most this time. */
const POLL_MS = 20

/** A request that waits for an output after its cursor. */
interface Waiter {
  readonly after: FeedCursor
  readonly resolve: () => void
}

/** Wakes requests that wait for the next output. One poll of the feed serves all of them; without a waiting request there is no poll. */
export class FeedWatch {
  readonly #feed: ServedFeed
  readonly #pollMs: number
  readonly #waiters = new Set<Waiter>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(feed: ServedFeed, pollMs = POLL_MS) {
    this.#feed = feed
    this.#pollMs = pollMs
  }

  /** Resolves when there is an output after the cursor, when `waitMs` are over, when `unwanted` is aborted, or at {@link close}. */
  async beyond(after: FeedCursor, waitMs: number, unwanted: AbortSignal): Promise<void> {
    if (waitMs <= 0 || this.#isClosed || unwanted.aborted) return
    const { promise, resolve: release } = Promise.withResolvers<void>()
    const resolve = (): void => release()
    const waiter = { after, resolve }
    const limit = setTimeout(resolve, waitMs)
    unwanted.addEventListener('abort', resolve, { once: true })
    this.#waiters.add(waiter)
    this.#timer ??= setInterval(() => this.#poll(), this.#pollMs)
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

  #poll(): void {
    this.#feed.newest(1).then(
      ([newest]) => this.#release(({ after }) => newest !== undefined && this.#feed.isBefore(after, newest.cursor)),
      // Each waiter reads next, and that read throws the failure.
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
