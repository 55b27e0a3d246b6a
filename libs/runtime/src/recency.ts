import type { Instant } from '#contracts'
import type { Clock } from './clock.ts'

/** How long ago something was that should be again and again. */
export class Recency {
  readonly #clock: Clock
  #at: Instant | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** It is now. */
  note(): void {
    this.#at = this.#clock.now()
  }

  /** Whether it ever was. */
  get isKnown(): boolean {
    return this.#at !== undefined
  }

  /** Milliseconds since it last was; infinite where it never was. */
  get ageMs(): number {
    return this.#at === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#at
  }
}
