import { copiedInto } from './actor-table.ts'

/** The order of slots of equal keys. */
export interface TieOrder {
  compare(a: number, b: number): number
  /** 32 bits. Different ranks have the order of `compare`, so that most ties are decided without `compare`. */
  rank(slot: number): number
}

/**
 * A priority queue of slots: an indexed binary heap of (key, slot), each slot at most once. Keys and ranks are stored in the order of the heap,
 * so that most comparisons read only neighbouring memory.
 */
export class DueQueue {
  readonly #ties: TieOrder
  #ranks = new Uint32Array(512)
  #keys = new Float64Array(512)
  #slots = new Int32Array(512)
  /** The index of a slot in the heap, plus 1; 0 if it is not in the heap. */
  #indexes = new Int32Array(512)
  #size = 0

  constructor(ties: TieOrder) {
    this.#ties = ties
  }

  get size(): number {
    return this.#size
  }

  /** The least key; plus infinity if the queue is empty. */
  get key(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#keys[0] as number)
  }

  /** The slot with the least key; valid only if the queue is not empty. */
  get slot(): number {
    return this.#slots[0] as number
  }

  /** The key of a slot; plus infinity if it is not in the queue. */
  keyOf(slot: number): number {
    const index = slot < this.#indexes.length ? (this.#indexes[slot] as number) : 0
    return index === 0 ? Number.POSITIVE_INFINITY : (this.#keys[index - 1] as number)
  }

  /** Sets the key of a slot; plus infinity removes the slot. */
  set(slot: number, key: number): void {
    if (slot >= this.#indexes.length) this.#indexes = copiedInto(this.#indexes, new Int32Array(Math.max(slot + 1, this.#indexes.length * 2)))
    const index = this.#indexes[slot] as number
    if (key === Number.POSITIVE_INFINITY) {
      if (index > 0) this.#remove(index - 1)
    } else if (index === 0) this.#push(slot, key)
    else this.#move(index - 1, slot, key)
  }

  #push(slot: number, key: number): void {
    if (this.#size === this.#slots.length) {
      this.#slots = copiedInto(this.#slots, new Int32Array(this.#size * 2))
      this.#keys = copiedInto(this.#keys, new Float64Array(this.#size * 2))
      this.#ranks = copiedInto(this.#ranks, new Uint32Array(this.#size * 2))
    }
    this.#rise(this.#size++, slot, key, this.#ties.rank(slot))
  }

  #move(at: number, slot: number, key: number): void {
    const rank = this.#ranks[at] as number
    if (key < (this.#keys[at] as number)) this.#rise(at, slot, key, rank)
    else this.#sink(at, slot, key, rank)
  }

  #remove(at: number): void {
    this.#indexes[this.#slots[at] as number] = 0
    const last = --this.#size
    if (at === last) return
    const slot = this.#slots[last] as number
    const key = this.#keys[last] as number
    const rank = this.#ranks[last] as number
    if (at > 0 && this.#isBefore(slot, key, rank, (at - 1) >> 1)) this.#rise(at, slot, key, rank)
    else this.#sink(at, slot, key, rank)
  }

  #isBefore(slot: number, key: number, rank: number, other: number): boolean {
    const otherKey = this.#keys[other] as number
    if (key !== otherKey) return key < otherKey
    const otherRank = this.#ranks[other] as number
    return rank === otherRank ? this.#ties.compare(slot, this.#slots[other] as number) < 0 : rank < otherRank
  }

  #put(at: number, slot: number, key: number, rank: number): void {
    this.#slots[at] = slot
    this.#keys[at] = key
    this.#ranks[at] = rank
    this.#indexes[slot] = at + 1
  }

  #shift(from: number, to: number): void {
    this.#put(to, this.#slots[from] as number, this.#keys[from] as number, this.#ranks[from] as number)
  }

  #rise(from: number, slot: number, key: number, rank: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(slot, key, rank, parent)) break
      this.#shift(parent, at)
      at = parent
    }
    this.#put(at, slot, key, rank)
  }

  /** A key that moves down mostly belongs near the bottom: so only the smaller child is compared on the way down, and the key on the way up. */
  #sink(from: number, slot: number, key: number, rank: number): void {
    let at = from
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      const right = child + 1
      if (right < this.#size && this.#isBefore(this.#slots[right] as number, this.#keys[right] as number, this.#ranks[right] as number, child)) child = right
      this.#shift(child, at)
      at = child
    }
    this.#rise(at, slot, key, rank)
  }
}
