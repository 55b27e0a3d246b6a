const GOLDEN = 0x9e3779b9

/**
 * Random numbers of one actor on one day. They depend on the seed, the actor and the day alone, so an ecosystem has the same events however
 * many actors are simulated beside, and no generator has to be kept for each actor (mulberry32 by T. Ettinger, restarted with a mixed seed).
 */
export class Draws {
  readonly #seed: number
  #state = 0

  constructor(seed: number) {
    this.#seed = seed | 0
  }

  /** Begins the numbers of an actor on a day. @param part keeps apart what is drawn for different purposes */
  restart(part: number, actor: number, day: number): this {
    let mixed = this.#seed ^ Math.imul(actor + 1, GOLDEN)
    mixed = mix(mixed ^ Math.imul(day + 1, 0x85ebca6b))
    this.#state = mix(mixed ^ Math.imul(part + 1, 0xc2b2ae35))
    return this
  }

  /** From 0, inclusive, to 1, exclusive. */
  share(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
  }

  isTrue(probability: number): boolean {
    return this.share() < probability
  }

  /** A whole number from 0 to below the limit. */
  below(limit: number): number {
    return Math.floor(this.share() * limit)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  /** A place in a list of this length, where the first places are drawn most often (a power law). */
  popular(length: number): number {
    return Math.floor(length * this.share() ** 2.5)
  }
}

/** The finalizer of MurmurHash3 (A. Appleby, public domain): each bit of the input changes each bit of the output with the same probability. */
function mix(bits: number): number {
  let mixed = bits ^ (bits >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
