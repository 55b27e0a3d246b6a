import { formatInstant, type Instant } from '#contracts'
import { SeededRandom } from '../fixtures/seeded-random.ts'
import type { LogRecord } from '../oracle/oracle.ts'

const BEGIN = Date.UTC(2026, 2, 1)
const GAP_MS_MAX = 60
const TICK_MS = 500
/** The grace period of the cycle `pulse`. */
const GRACE_MS = 2 * 3_600_000
const OUT_OF_ORDER_MS_MAX = 4000

/**
 * A log for the cycle `pulse`, which follows from a seed: visits and orders, among them copies (also with another time), events out of order, late ones, and
 * traits that come, change and go.
 */
export class LongLog {
  readonly #random: SeededRandom
  readonly #actors: number
  #now: Instant = BEGIN
  #tick: Instant = BEGIN
  #number = 0

  constructor(seed: number, actors: number) {
    this.#random = new SeededRandom(seed)
    this.#actors = actors
  }

  /** The next part of the log. */
  next(events: number): LogRecord[] {
    const records: LogRecord[] = []
    for (let event = 0; event < events; event++) {
      this.#now += this.#random.between(0, GAP_MS_MAX)
      records.push(this.#event())
      if (this.#now - this.#tick < TICK_MS) continue
      this.#tick = this.#now
      records.push({ record: 'tick', writer: 'w', time: formatInstant(this.#now) })
    }
    return records
  }

  #event(): LogRecord {
    const random = this.#random
    const isCopy = this.#number > 0 && random.share() < 0.04
    const number = isCopy ? Math.max(0, this.#number - random.between(1, 40)) : this.#number++
    const actor = { type: 'user', id: `u${this.#actorOf(number)}` }
    const time = formatInstant(this.#now - this.#ago())
    const traits = this.#traits()
    return {
      id: `e${number}`,
      type: 'track',
      event: random.pick(['Visit', 'Visit', 'Order', 'Other']),
      actor,
      time,
      receivedAt: formatInstant(this.#now),
      properties: { n: random.between(0, 9) },
      ...(traits !== undefined && { traits }),
    }
  }

  /** It follows from the number of the event, so that a copy is of the same actor. A few actors have most events. */
  #actorOf(number: number): number {
    const share = (Math.imul(number + 1, 0x9e3779b1) >>> 0) / 2 ** 32
    return Math.floor(share ** 2 * this.#actors)
  }

  #ago(): number {
    const share = this.#random.share()
    if (share < 0.02) return GRACE_MS + 60_000
    return share < 0.15 ? this.#random.between(1, OUT_OF_ORDER_MS_MAX) : 0
  }

  #traits(): Readonly<Record<string, string | number | null>> | undefined {
    if (this.#random.share() > 0.2) return undefined
    return { country: this.#random.pick(['NL', 'TR', null]), age: this.#random.between(20, 30) }
  }
}
