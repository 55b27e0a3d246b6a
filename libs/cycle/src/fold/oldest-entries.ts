import type { Instant } from '#contracts'
import { type ActorTable, DueQueue } from '#keyed-state'

/** What is kept of the journal of one slot. */
interface Journal {
  /** The place in the log of the entry by which the slot is ordered. */
  place: number
  entries: number
}

const EMPTY: Journal = { place: 0, entries: 0 }

/** Slots ordered by the oldest entries of their journals: by time, then place in the log, then actor. */
export class OldestEntries {
  readonly #journals = new Map<number, Journal>()
  readonly #queue: DueQueue
  /** The number of entries of all journals. */
  entries = 0

  constructor(table: ActorTable) {
    // Places are counted modulo 2^32.
    const compare = (a: number, b: number): number => (this.#of(a).place - this.#of(b).place) | 0 || table.compare(a, b)
    this.#queue = new DueQueue({ compare, rank: () => 0 })
  }

  /** The time of the oldest entry of all; plus infinity if there is none. */
  get time(): Instant {
    return this.#queue.key
  }

  /** The slot of the oldest entry; valid only if there is one. */
  get slot(): number {
    return this.#queue.slot
  }

  /** The time by which a slot is ordered; plus infinity if its journal is empty. */
  timeOf(slot: number): Instant {
    return this.#queue.keyOf(slot)
  }

  placeOf(slot: number): number {
    return this.#of(slot).place
  }

  entriesOf(slot: number): number {
    return this.#of(slot).entries
  }

  /** Sets the number of entries of a slot's journal, and its oldest entry. */
  set(slot: number, journal: { entries: number; time: Instant; place: number }): void {
    this.entries += journal.entries - this.entriesOf(slot)
    // Removed from the queue first, because the queue compares the old place.
    this.#queue.set(slot, Number.POSITIVE_INFINITY)
    if (journal.entries === 0) {
      this.#journals.delete(slot)
      return
    }
    this.#journals.set(slot, { place: journal.place, entries: journal.entries })
    this.#queue.set(slot, journal.time)
  }

  /** Counts a newer entry. A full journal (`entriesMax`) loses its oldest entry, so its size does not change; its place in the queue may then be too early. */
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
