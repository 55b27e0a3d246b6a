import { formatInstant } from '#contracts'

export const START = Date.UTC(2026, 0, 1)
export const DAY_MS = 86_400_000

/** Numbers from a seed, so that every run has the same load (xorshift128 of Marsaglia). */
export class Dice {
  #x = 123_456_789
  #y = 362_436_069
  #z = 521_288_629
  #w: number

  constructor(seed: number) {
    this.#w = seed | 1
    for (let i = 0; i < 16; i++) this.bits()
  }

  /** 32 bits. */
  bits(): number {
    const t = this.#x ^ (this.#x << 11)
    this.#x = this.#y
    this.#y = this.#z
    this.#z = this.#w
    this.#w = this.#w ^ (this.#w >>> 19) ^ t ^ (t >>> 8)
    return this.#w >>> 0
  }

  /** From 0 to 1. */
  share(): number {
    return this.bits() / 4_294_967_296
  }

  uuid(): string {
    const hex = [this.bits(), this.bits(), this.bits(), this.bits()].map((word) => word.toString(16).padStart(8, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}

export type Spread = 'uniform' | 'zipf'

/** What an event says besides who, when and which. */
export type Content = (dice: Dice) => { readonly event: string; readonly properties?: Readonly<Record<string, unknown>> }

const visit: Content = () => ({ event: 'Visit', properties: { path: '/albums', device: 'phone' } })

/** Events of a population of actors with UUIDs, as lines of JSON, each at its time. */
export class Load {
  readonly actors: readonly string[]
  readonly #dice: Dice
  readonly #spread: Spread
  readonly #content: Content
  #next = 0

  constructor(options: { actors: number; spread?: Spread; seed?: number; content?: Content }) {
    this.#dice = new Dice(options.seed ?? 1)
    this.actors = Array.from({ length: options.actors }, () => this.#dice.uuid())
    this.#spread = options.spread ?? 'uniform'
    this.#content = options.content ?? visit
  }

  /** An event of the next actor in turn. */
  inTurn(time: number, arrival = time): string {
    this.#next = (this.#next + 1) % this.actors.length
    return this.#line(this.#next, time, arrival)
  }

  /** An event of an actor that the dice choose: any of them alike, or the one of rank k in proportion to 1 / k. */
  byChance(time: number, arrival = time): string {
    const { length } = this.actors
    const share = this.#dice.share()
    const chosen = this.#spread === 'uniform' ? share * length : (length + 1) ** share - 1
    return this.#line(Math.min(Math.floor(chosen), length - 1), time, arrival)
  }

  #line(actor: number, time: number, arrival: number): string {
    const { event, properties } = this.#content(this.#dice)
    const [at, receivedAt] = [formatInstant(time), formatInstant(arrival)]
    return JSON.stringify({
      id: this.#dice.uuid(),
      type: 'track',
      event,
      actor: { type: 'user', id: this.actors[actor] },
      time: at,
      receivedAt,
      ...(properties && { properties }),
    })
  }
}
