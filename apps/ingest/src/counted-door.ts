import { type Instant, RondoError } from '#contracts'
import type { Door, ReadRequest } from './door.ts'
import type { IntakeCounts } from './intake-counts.ts'

/** A door that counts what comes through it. */
export class CountedDoor implements Door {
  readonly #door: Door
  readonly #counts: IntakeCounts

  constructor(door: Door, counts: IntakeCounts) {
    this.#door = door
    this.#counts = counts
  }

  async accept<Read extends ReadRequest>(read: (arrival: Instant) => Read): Promise<Read> {
    try {
      const request = await this.#door.accept(read)
      this.#counts.taken(request)
      return request
    } catch (failure) {
      this.#counts.turnedAway(failure instanceof RondoError ? failure.code : 'RONDO_INTERNAL')
      throw failure
    }
  }
}
