import type { Instant } from '#contracts'

/** How much may come: at a steady rate, and at once. */
export interface RateLimit {
  readonly perSecond: number
  /** The total cost that may come at once after a pause. */
  readonly burst: number
}

/** The tokens that a name had at an instant. */
interface Bucket {
  tokens: number
  filledAt: Instant
}

/** Token buckets by name, such as the address of a client. Above a number of names, the least recently used one is forgotten: its bucket is then full again. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #namesMax: number

  constructor({ namesMax = 100_000 }: { readonly namesMax?: number } = {}) {
    this.#namesMax = namesMax
  }

  /**
   * Takes `cost` out of the bucket of a name. A bucket that is not empty may give more than it has and is then in debt, so that a cost above
   * the burst is not refused for ever.
   * @returns 0 if the request may pass; otherwise the milliseconds after which to try again, and nothing is taken
   */
  take(name: string, cost: number, { perSecond, burst }: RateLimit, now: Instant): number {
    const bucket = this.#buckets.get(name) ?? { tokens: burst, filledAt: now }
    const tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * perSecond) / 1000)
    const passes = tokens > 0
    this.#keep(name, { tokens: passes ? tokens - cost : tokens, filledAt: now })
    return passes ? 0 : Math.max(1, Math.ceil((-tokens * 1000) / perSecond))
  }

  get size(): number {
    return this.#buckets.size
  }

  #keep(name: string, bucket: Bucket): void {
    this.#buckets.delete(name)
    this.#buckets.set(name, bucket)
    if (this.#buckets.size <= this.#namesMax) return
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
