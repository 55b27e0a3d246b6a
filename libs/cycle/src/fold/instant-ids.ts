import { unpackId } from '#keyed-state'
import type { CompactEvent } from '../events/compact-event.ts'
import { IS_EVENT } from '../state/chain-record.ts'
import type { RecordChain } from '../state/record-chain.ts'

/**
 * The ids of one actor's events at one instant. A file with dates instead of times has thousands of them, and without this index
 * each copy would be compared with all of them.
 */
export class InstantIds {
  readonly #addresses = new Map<string, number>()
  #slot = -1
  #time = Number.NaN
  #newest = 0

  /** Whether the index is of this actor and instant. */
  has(slot: number, time: number): boolean {
    return slot === this.#slot && time === this.#time
  }

  /** @returns the address of the event of the open chain with the same id and time */
  find(chain: RecordChain, slot: number, { idBytes, time }: CompactEvent): number | undefined {
    if (!this.has(slot, time)) {
      this.#addresses.clear()
      this.#slot = slot
      this.#time = time
      this.#newest = 0
    }
    for (let address = chain.last; address > this.#newest; address = chain.before(address))
      if ((chain.flags(address) & IS_EVENT) !== 0 && chain.time(address) === time) this.#addresses.set(chain.id(address), address)
    this.#newest = chain.last
    return this.#addresses.get(unpackId(idBytes, 0))
  }
}
