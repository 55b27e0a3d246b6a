import type { Instant } from '#contracts'
import { PACKED_ID_MAX, packedLength, unpackId } from '#keyed-state'
import type { ByteReader, ByteWriter } from '../packed/bytes.ts'

/** Evidence (rule 21) names at most this many of a measure's newest events. */
export const RECENT_MAX = 8
const TIME_BYTES = 8

/** The newest events of one set of signals, as times and packed ids, oldest first. Measures over the same signals share a list. */
export class RecentEvents {
  readonly #bytes = new Uint8Array(RECENT_MAX * (TIME_BYTES + PACKED_ID_MAX))
  readonly #view = new DataView(this.#bytes.buffer)
  #length = 0
  #count = 0
  #sinceStage = 0
  #sinceReturn = 0

  reset(): void {
    this.#length = 0
    this.#count = 0
    this.#sinceStage = 0
    this.#sinceReturn = 0
  }

  /** Begins the scope again: earlier events are no longer in it. */
  restart(scope: 'stage' | 'return'): void {
    if (scope === 'stage') this.#sinceStage = 0
    else this.#sinceReturn = 0
  }

  /** @param id a packed id */
  add(at: Instant, id: Uint8Array): void {
    if (this.#count === RECENT_MAX) {
      const oldest = TIME_BYTES + packedLength(this.#bytes, TIME_BYTES)
      this.#bytes.copyWithin(0, oldest, this.#length)
      this.#length -= oldest
      this.#count -= 1
    }
    const length = packedLength(id, 0)
    this.#view.setFloat64(this.#length, at, true)
    for (let i = 0; i < length; i++) this.#bytes[this.#length + TIME_BYTES + i] = id[i] as number
    this.#length += TIME_BYTES + length
    this.#count += 1
    this.#sinceStage = Math.min(this.#sinceStage + 1, RECENT_MAX)
    this.#sinceReturn = Math.min(this.#sinceReturn + 1, RECENT_MAX)
  }

  /** Ids of the newest events that are in scope, newest first. */
  recent(scope: 'stage' | 'return' | 'ever', inWindow: (at: Instant) => boolean): string[] {
    const inScope = scope === 'stage' ? this.#sinceStage : scope === 'return' ? this.#sinceReturn : RECENT_MAX
    const ids: string[] = []
    for (let at = 0; at < this.#length; at += TIME_BYTES + packedLength(this.#bytes, at + TIME_BYTES))
      if (inWindow(this.#view.getFloat64(at, true))) ids.push(unpackId(this.#bytes, at + TIME_BYTES))
    // With 0 in scope, slice(-0) would give all of them.
    return ids.slice(-inScope || ids.length).reverse()
  }

  read(from: ByteReader): void {
    this.#count = from.u8()
    const since = from.u8()
    this.#sinceStage = since & 15
    this.#sinceReturn = since >> 4
    this.#length = from.uint()
    for (let i = 0; i < this.#length; i++) this.#bytes[i] = from.bytes[from.at + i] as number
    from.at += this.#length
  }

  write(to: ByteWriter): void {
    to.u8(this.#count)
    to.u8(this.#sinceStage | (this.#sinceReturn << 4))
    to.uint(this.#length)
    to.raw(this.#bytes, 0, this.#length)
  }
}
