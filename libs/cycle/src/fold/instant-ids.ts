import { unpackId } from '#keyed-state'
import type { Trail } from '../state/trail.ts'
import { IS_EVENT } from '../state/trail-record.ts'
import type { Digest } from './digest.ts'

/**
 * The ids of one actor's events at one instant. A file that gives days instead of times brings thousands of these, and when it is sent
 * again each copy would look through all of them.
 */
export class InstantIds {
  readonly #places = new Map<string, number>()
  #slot = -1
  #time = Number.NaN
  #newest = 0

  /** Whether it is of this actor and instant that ids are kept. */
  has(slot: number, time: number): boolean {
    return slot === this.#slot && time === this.#time
  }

  /** @returns the place in the open trail of a slot of the event with the id and the time of this one */
  find(trail: Trail, slot: number, { id, time }: Digest): number | undefined {
    if (!this.has(slot, time)) {
      this.#places.clear()
      this.#slot = slot
      this.#time = time
      this.#newest = 0
    }
    for (let place = trail.last; place > this.#newest; place = trail.before(place))
      if ((trail.flags(place) & IS_EVENT) !== 0 && trail.time(place) === time) this.#places.set(trail.id(place), place)
    this.#newest = trail.last
    return this.#places.get(unpackId(id, 0))
  }
}
