import type { RateLimit } from './rate-limiter.ts'

/**
 * Token buckets by name, such as the address of a client.
 *
 * An implementer guarantees:
 * - A bucket begins full. It is filled with `perSecond`, up to `burst`.
 * - A bucket that is not empty may give more than it has and is then in debt, so that a cost above the burst is not refused for ever.
 * - Calls for one name are decided one after the other, also those of other processes that share the buckets.
 * - A request that is refused takes nothing.
 */
export interface Rates {
  /** @returns 0 if the request may pass; otherwise the milliseconds after which to try again */
  take(name: string, cost: number, limit: RateLimit): number | Promise<number>
  close(): void
}
