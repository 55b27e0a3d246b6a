import type { Clock } from '#runtime'
import { type RateLimit, RateLimiter } from './rate-limiter.ts'
import type { Rates } from './rates.ts'

/** Buckets of this process alone. */
export class LocalRates implements Rates {
  readonly #limiter = new RateLimiter()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take(name: string, cost: number, limit: RateLimit): number {
    return this.#limiter.take(name, cost, limit, this.#clock.now())
  }

  close(): void {}
}
