import { grown } from './actor-table.ts'

/**
 * Which slot is due next: an indexed binary heap of (key, slot). Each slot stands in it at most once. Keys lie beside the heap's order,
 * so that a comparison touches no memory but its own.
 */
export class DueQueue {
  readonly #tie: (a: number, b: number) => number
  #keys = new Float64Array(512)
  #slots = new Int32Array(512)
  /** Place in the heap, from 1; 0 where the slot is not in it. */
  #places = new Int32Array(512)
  #size = 0

  /** @param tie orders slots of equal keys */
  constructor(tie: (a: number, b: number) => number) {
    this.#tie = tie
  }

  get size(): number {
    return this.#size
  }

  /** The least key; plus infinity where the queue is empty. */
  get key(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#keys[0] as number)
  }

  /** The slot with the least key; only where the queue is not empty. */
  get slot(): number {
    return this.#slots[0] as number
  }

  /** The key of a slot; plus infinity where it is not in the queue. */
  keyOf(slot: number): number {
    const place = slot < this.#places.length ? (this.#places[slot] as number) : 0
    return place === 0 ? Number.POSITIVE_INFINITY : (this.#keys[place - 1] as number)
  }

  /** Puts a slot at a key, wherever it was; plus infinity takes it out. */
  set(slot: number, key: number): void {
    if (slot >= this.#places.length) this.#places = grown(this.#places, new Int32Array(Math.max(slot + 1, this.#places.length * 2)))
    const place = this.#places[slot] as number
    if (key === Number.POSITIVE_INFINITY) {
      if (place > 0) this.#remove(place - 1)
    } else if (place === 0) this.#push(slot, key)
    else this.#move(place - 1, slot, key)
  }

  #push(slot: number, key: number): void {
    if (this.#size === this.#slots.length) {
      this.#slots = grown(this.#slots, new Int32Array(this.#size * 2))
      this.#keys = grown(this.#keys, new Float64Array(this.#size * 2))
    }
    this.#rise(this.#size++, slot, key)
  }

  #move(at: number, slot: number, key: number): void {
    if (this.#before(key, slot, this.#keys[at] as number, slot)) this.#rise(at, slot, key)
    else this.#sink(at, slot, key)
  }

  #remove(at: number): void {
    this.#places[this.#slots[at] as number] = 0
    const last = --this.#size
    if (at === last) return
    const slot = this.#slots[last] as number
    const key = this.#keys[last] as number
    const parent = (at - 1) >> 1
    if (at > 0 && this.#before(key, slot, this.#keys[parent] as number, this.#slots[parent] as number)) this.#rise(at, slot, key)
    else this.#sink(at, slot, key)
  }

  #before(key: number, slot: number, otherKey: number, otherSlot: number): boolean {
    return key < otherKey || (key === otherKey && this.#tie(slot, otherSlot) < 0)
  }

  #put(at: number, slot: number, key: number): void {
    this.#slots[at] = slot
    this.#keys[at] = key
    this.#places[slot] = at + 1
  }

  #rise(from: number, slot: number, key: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      const parentKey = this.#keys[parent] as number
      const parentSlot = this.#slots[parent] as number
      if (!this.#before(key, slot, parentKey, parentSlot)) break
      this.#put(at, parentSlot, parentKey)
      at = parent
    }
    this.#put(at, slot, key)
  }

  #sink(from: number, slot: number, key: number): void {
    let at = from
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      const right = child + 1
      if (
        right < this.#size &&
        this.#before(this.#keys[right] as number, this.#slots[right] as number, this.#keys[child] as number, this.#slots[child] as number)
      )
        child = right
      const childKey = this.#keys[child] as number
      const childSlot = this.#slots[child] as number
      if (!this.#before(childKey, childSlot, key, slot)) break
      this.#put(at, childSlot, childKey)
      at = child
    }
    this.#put(at, slot, key)
  }
}
