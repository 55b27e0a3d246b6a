const HASH_VALUES = 2 ** 32
const FIRST_LENGTH = 1024
/** A generation grows by this factor when it is filled to this share. */
const FILLED_SHARE_MAX = 0.7
const GROWTH_FACTOR = 1.25

/** A set of hashes that is cleared at once: open addressing, in the order of the hashes; 0 marks an empty cell. */
class Generation {
  #hashes = new Int32Array(FIRST_LENGTH)
  #size = 0
  /** The latest time until which one of its hashes is needed. */
  until = Number.NEGATIVE_INFINITY

  has(hash: number): boolean {
    return this.#hashes[this.#indexOf(hash)] === hash
  }

  add(hash: number): void {
    const index = this.#indexOf(hash)
    if (this.#hashes[index] === hash) return
    this.#hashes[index] = hash
    this.#size += 1
    if (this.#size > this.#hashes.length * FILLED_SHARE_MAX) this.#grow()
  }

  clear(): void {
    this.#hashes.fill(0)
    this.#size = 0
    this.until = Number.NEGATIVE_INFINITY
  }

  /** The index of a hash, or of the empty cell for it. */
  #indexOf(hash: number): number {
    const hashes = this.#hashes
    let at = Math.floor((hash >>> 0) * (hashes.length / HASH_VALUES))
    while (hashes[at] !== hash && hashes[at] !== 0) at = at + 1 === hashes.length ? 0 : at + 1
    return at
  }

  #grow(): void {
    const before = this.#hashes
    this.#hashes = new Int32Array(Math.ceil(before.length * GROWTH_FACTOR))
    for (let i = 0; i < before.length; i++) if (before[i] !== 0) this.#hashes[this.#indexOf(before[i] as number)] = before[i] as number
  }
}

/**
 * A set of 32-bit hashes, each needed until some time, to detect quickly that a value is certainly not in it. `has` may be true for a hash that
 * is no longer needed, but it is never false for one that is.
 */
export class RecentHashes {
  #young = new Generation()
  #old = new Generation()

  has(hash: number): boolean {
    const stored = hash === 0 ? 1 : hash
    return this.#young.has(stored) || this.#old.has(stored)
  }

  /** Adds a hash that is needed until `until`. */
  add(hash: number, until: number, now: number): void {
    if (this.#old.until < now) this.#rotate()
    const young = this.#young
    young.add(hash === 0 ? 1 : hash)
    if (until > young.until) young.until = until
  }

  #rotate(): void {
    const empty = this.#old
    this.#old = this.#young
    empty.clear()
    this.#young = empty
  }
}
