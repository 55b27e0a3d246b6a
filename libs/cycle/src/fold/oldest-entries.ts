import type { Instant } from '#contracts'
import { type ActorTable, DueQueue } from '#keyed-state'

interface Journal {
  /** In the log, of the entry by which the slot stands in the queue. */
  place: number
  entries: number
}

const EMPTY: Journal = { place: 0, entries: 0 }

/** Slots by the oldest entries of their journals: first the least by (time, place, actor). */
export class OldestEntries {
  readonly #journals = new Map<number, Journal>()
  readonly #queue: DueQueue
  /** Of all journals together. */
  entries = 0

  constructor(table: ActorTable) {
    // Places are counted modulo 2^32.
    const compare = (a: number, b: number): number => (this.#of(a).place - this.#of(b).place) | 0 || table.compare(a, b)
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

  /** The time by which a slot stands in the queue; plus infinity where its journal is empty. */
  timeOf(slot: number): Instant {
    return this.#queue.keyOf(slot)
  }

  placeOf(slot: number): number {
    return this.#of(slot).place
  }

  entriesOf(slot: number): number {
    return this.#of(slot).entries
  }

  /** Says how many entries a slot's journal has, and which is the oldest. */
  set(slot: number, journal: { entries: number; time: Instant; place: number }): void {
    this.entries += journal.entries - this.entriesOf(slot)
    // Out of the queue first, for it stands there by the place that it had.
    this.#queue.set(slot, Number.POSITIVE_INFINITY)
    if (journal.entries === 0) {
      this.#journals.delete(slot)
      return
    }
    this.#journals.set(slot, { place: journal.place, entries: journal.entries })
    this.#queue.set(slot, journal.time)
  }

  /** Counts a newer entry. A journal that already holds `entriesMax` loses its oldest entry, so its size stays; its place in the queue may be too early then. */
  join(slot: number, entriesMax: number): void {
    const journal = this.#journals.get(slot)
    if (journal === undefined || journal.entries >= entriesMax) return
    journal.entries += 1
    this.entries += 1
  }

  #of(slot: number): Journal {
    return this.#journals.get(slot) ?? EMPTY
  }
}
