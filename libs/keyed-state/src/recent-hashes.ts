/** A generation is cleared as a whole. */
class Generation {
  /** Open addressing; 0 is free. */
  hashes = new Int32Array(1024)
  size = 0
  until = Number.NEGATIVE_INFINITY

  has(hash: number): boolean {
    const { hashes } = this
    const mask = hashes.length - 1
    for (let at = hash & mask; hashes[at] !== 0; at = (at + 1) & mask) if (hashes[at] === hash) return true
    return false
  }

  add(hash: number): void {
    if (this.size * 8 >= this.hashes.length * 5) this.#grow()
    if (this.#insert(hash)) this.size += 1
  }

  clear(): void {
    this.hashes.fill(0)
    this.size = 0
    this.until = Number.NEGATIVE_INFINITY
  }

  #insert(hash: number): boolean {
    const { hashes } = this
    const mask = hashes.length - 1
    let at = hash & mask
    for (; hashes[at] !== 0; at = (at + 1) & mask) if (hashes[at] === hash) return false
    hashes[at] = hash
    return true
  }

  #grow(): void {
    const before = this.hashes
    this.hashes = new Int32Array(before.length * 2)
    for (let i = 0; i < before.length; i++) if (before[i] !== 0) this.#insert(before[i] as number)
  }
}

/**
 * Tells quickly what has certainly not been seen of late: a set of 32-bit hashes, each needed until some time. It may say yes of one
 * that was not added, or is not needed any more, but never no of one that is.
 */
export class RecentHashes {
  #young = new Generation()
  #old = new Generation()

  has(hash: number): boolean {
    const stored = hash === 0 ? 1 : hash
    return this.#young.has(stored) || this.#old.has(stored)
  }

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
