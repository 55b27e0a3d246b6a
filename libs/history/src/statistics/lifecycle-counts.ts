/** How the actors of one period relate to the periods before it. */
export interface LifecycleCount {
  /** Active for the first time at all. */
  readonly new: number
  /** Active in the period before, too. */
  readonly returning: number
  /** Active before, but not in the period before. */
  readonly resurrecting: number
  /** Active in the period before, but not in this one. */
  readonly dormant: number
}

const NEVER = -2
const EARLIER = -1

/**
 * Counts new, returning, resurrecting and dormant actors of adjacent periods. The first period is only looked back at: what its actors did before it says
 * whether they are new later.
 */
export class LifecycleCounts {
  /** The last period in which each actor was active. */
  readonly #last: Int32Array
  readonly #counts: { new: number; returning: number; resurrecting: number; dormant: number }[]
  readonly #active: Int32Array

  /** @param size `actors`: their numbers are below it; `periods`: with the one that is only looked back at */
  constructor({ actors, periods }: { readonly actors: number; readonly periods: number }) {
    this.#last = new Int32Array(actors).fill(NEVER)
    this.#active = new Int32Array(periods)
    this.#counts = Array.from({ length: periods }, () => ({ new: 0, returning: 0, resurrecting: 0, dormant: 0 }))
  }

  /** An actor that was active before all periods. To be called before `add`. */
  addEarlier(actor: number): void {
    this.#last[actor] = EARLIER
  }

  /** An actor that was active in a period. For each actor in the order of periods; a repetition counts once. */
  add(actor: number, period: number): void {
    const last = this.#last[actor] as number
    if (last === period) return
    this.#last[actor] = period
    this.#active[period] = (this.#active[period] as number) + 1
    const count = this.#counts[period] as { new: number; returning: number; resurrecting: number }
    if (last === NEVER) count.new += 1
    else if (last === period - 1) count.returning += 1
    else count.resurrecting += 1
  }

  /** The counts of all periods but the first. */
  counts(): LifecycleCount[] {
    return this.#counts.slice(1).map((count, index) => ({ ...count, dormant: (this.#active[index] as number) - count.returning }))
  }
}
