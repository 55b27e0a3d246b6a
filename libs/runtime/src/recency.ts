import type { Instant } from '#contracts'
import type { Clock } from './clock.ts'

/** How long ago a repeated event last happened. */
export class Recency {
  readonly #clock: Clock
  #at: Instant | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be called each time the event happens. */
  renew(): void {
    this.#at = this.#clock.now()
  }

  /** Whether the event ever happened. */
  get isKnown(): boolean {
    return this.#at !== undefined
  }

  /** Milliseconds since the event last happened; infinite if it never did. */
  get ageMs(): number {
    return this.#at === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#at
  }
}
