import type { Instant } from '#contracts'

/** How many events one half of the memory keeps, about 6 MB a partition with both. */
const KEPT_MAX = 1 << 16

/** The newest applied events of a partition, by which a copy with another time is found. Older ones are forgotten, half of them at once. */
export class RecentEvents {
  readonly #keptMax: number
  /** For each, the log time up to which an event of the same id is a copy. */
  #young = new Map<number, Instant>()
  #old = new Map<number, Instant>()

  constructor(keptMax = KEPT_MAX) {
    this.#keptMax = keptMax
  }

  isCopy(key: number, logTime: Instant): boolean {
    const until = this.#young.get(key) ?? this.#old.get(key)
    return until !== undefined && logTime <= until
  }

  /** @returns whether the older half was forgotten, and a new one begins with this event */
  add(key: number, until: Instant): boolean {
    const isFull = this.#young.size >= this.#keptMax
    if (isFull) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, until)
    return isFull
  }
}

/** 53 bits of an event's id and its actor, mixed as MurmurHash does. Two of the few thousand that are compared have one key as good as never. */
export function eventKey(actorId: string, eventId: string): number {
  let [low, high] = [0xdeadbeef, 0x41c6ce57]
  for (const text of [actorId, '\n', eventId]) {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      low = Math.imul(low ^ unit, 2_654_435_761)
      high = Math.imul(high ^ unit, 1_597_334_677)
    }
  }
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  return 4_294_967_296 * (high & 0x1fffff) + (low >>> 0)
}
