import type { Instant } from '#contracts'
import type { Clock } from './clock.ts'

/** How long ago a repeated event last happened. */
export class Recency {
  readonly #clock: Clock
  #at: Instant | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** It happens now. */
  renew(): void {
    this.#at = this.#clock.now()
  }

  /** Whether it ever happened. */
  get isKnown(): boolean {
    return this.#at !== undefined
  }

  /** Milliseconds since it last happened; infinite if it never did. */
  get ageMs(): number {
    return this.#at === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#at
  }
}
