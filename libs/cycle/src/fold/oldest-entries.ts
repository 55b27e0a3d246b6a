import type { Instant } from '#contracts'
import { type ActorTable, comparePackedIds, DueQueue } from '#keyed-state'

const NONE = new Uint8Array(1)

/** Slots by the oldest entries of their journals: first the least by (time, id, actor). */
export class OldestEntries {
  readonly #ids = new Map<number, Uint8Array>()
  readonly #queue: DueQueue

  constructor(table: ActorTable) {
    const compare = (a: number, b: number): number => comparePackedIds(this.#idOf(a), 0, this.#idOf(b), 0) || table.compare(a, b)
    this.#queue = new DueQueue({ compare, rank: () => 0 })
  }

  /** The time of the oldest of all; plus infinity where there is none. */
  get time(): Instant {
    return this.#queue.key
  }

  /** The slot that has it; only where there is one. */
  get slot(): number {
    return this.#queue.slot
  }

  /** The time of a slot's oldest entry; plus infinity where its journal is empty. */
  timeOf(slot: number): Instant {
    return this.#queue.keyOf(slot)
  }

  /** @param id packed; it is copied */
  set(slot: number, time: Instant, id: Uint8Array): void {
    // Out of the queue first, for it stands there by the id that it had.
    this.delete(slot)
    this.#ids.set(slot, id.slice())
    this.#queue.set(slot, time)
  }

  delete(slot: number): void {
    this.#queue.set(slot, Number.POSITIVE_INFINITY)
    this.#ids.delete(slot)
  }

  #idOf(slot: number): Uint8Array {
    return this.#ids.get(slot) ?? NONE
  }
}
