import { type Instant, RondoError } from '#contracts'
import type { Clock } from '#runtime'
import { LocalRates } from './local-rates.ts'
import type { RateLimit } from './rate-limiter.ts'
import type { Rates } from './rates.ts'

/** How long only this process counts after a failure: otherwise every request would wait for a store that does not answer. */
const PAUSE_MS = 1_000

/** The shared buckets, and how it is reported that they cannot be reached, or can be again. */
export interface FallbackOptions {
  /** The buckets that all processes share. */
  readonly shared: Rates
  readonly clock: Clock
  readonly onAlarm: (text: string) => void
  readonly onInfo: (text: string) => void
}

/**
 * Shared buckets, and those of this process while the shared ones cannot be reached: no request is refused for that, and each process then
 * allows the whole rate.
 */
export class RatesWithFallback implements Rates {
  readonly #options: FallbackOptions
  readonly #local: Rates
  #localUntil: Instant = Number.NEGATIVE_INFINITY
  #isLocal = false

  constructor(options: FallbackOptions) {
    this.#options = options
    this.#local = new LocalRates(options.clock)
  }

  async take(name: string, cost: number, limit: RateLimit): Promise<number> {
    const { shared, clock } = this.#options
    if (clock.now() < this.#localUntil) return await this.#local.take(name, cost, limit)
    try {
      const waitMs = await shared.take(name, cost, limit)
      this.#noteShared()
      return waitMs
    } catch (failure) {
      this.#noteLocal(failure)
      return await this.#local.take(name, cost, limit)
    }
  }

  close(): void {
    this.#options.shared.close()
  }

  #noteLocal(failure: unknown): void {
    const { clock, onAlarm } = this.#options
    this.#localUntil = clock.now() + PAUSE_MS
    this.#isLocal = true
    const detail = failure instanceof RondoError || failure instanceof Error ? failure.message : String(failure)
    onAlarm(`Rates are not shared, because Redis does not answer: each process counts for itself, so that clients may send more. (${detail})`)
  }

  #noteShared(): void {
    if (!this.#isLocal) return
    this.#isLocal = false
    this.#options.onInfo('Rates are shared through Redis again.')
  }
}
