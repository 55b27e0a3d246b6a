import { formatInstant } from '#contracts'
import { SeededRandom } from '../../fixtures/seeded-random.ts'

const DAY_MS = 86_400_000
/** Events that come in one request, and so in one frame. */
const EVENTS_PER_FRAME = 10
/** A listener is in phases: with us for about two months, then away for about one. */
const [DAYS_WITH_US, DAYS_AWAY] = [60, 30]
/** The share of listeners in a phase with us who come on a day. */
const ACTIVE_SHARE = 0.3

/** How often each event happens, of 1000. */
const names: readonly (readonly [name: string, of1000: number])[] = [
  ['Song Played', 700],
  ['Songs Searched', 100],
  ['Song Saved', 60],
  ['Genre Opened', 50],
  ['Recommendation Accepted', 30],
  ['User Followed', 20],
  ['Checked In', 20],
  ['Room Joined', 10],
  ['Invitation Sent', 5],
  ['Song Unavailable', 5],
]

/** The size of a simulated service. */
export interface ServiceSize {
  readonly actors: number
  readonly eventsPerDay: number
  readonly ticksPerDay: number
}

/** Frames of a service with listeners who come and go, day by day. The same for the same size. */
export class YearOfEvents {
  readonly #size: ServiceSize
  readonly #random = new SeededRandom(11)
  readonly #phaseEnds: Float64Array
  readonly #isWithUs: Uint8Array

  constructor(size: ServiceSize) {
    this.#size = size
    this.#phaseEnds = new Float64Array(size.actors)
    this.#isWithUs = new Uint8Array(size.actors)
  }

  /** The frames of a day, from its beginning on, in the order of their arrival. */
  framesOf(start: number, day: number): string[] {
    const { eventsPerDay, ticksPerDay } = this.#size
    const listeners = this.#listenersOn(day)
    const dayStart = start + day * DAY_MS
    const frames: { at: number; frame: string }[] = []
    for (let n = 0; n < eventsPerDay; n += EVENTS_PER_FRAME) {
      const at = Math.floor(dayStart + (n * DAY_MS) / eventsPerDay) + 1
      const actor = listeners[Math.floor(this.#random.share() ** 2 * listeners.length)] ?? 0
      frames.push({ at, frame: Array.from({ length: EVENTS_PER_FRAME }, (_, i) => this.#eventAt(at, actor, i)).join('\n') })
    }
    for (let tick = 0; tick < ticksPerDay; tick++) {
      const at = Math.floor(dayStart + (tick * DAY_MS) / ticksPerDay)
      const record = day === 0 && tick === 0 ? 'writer.open' : 'tick'
      frames.push({ at, frame: JSON.stringify({ record, writer: '4f1d2c3b4a59', time: formatInstant(at) }) })
    }
    return frames.sort((a, b) => a.at - b.at).map(({ frame }) => frame)
  }

  #listenersOn(day: number): number[] {
    const listeners: number[] = []
    for (let actor = 0; actor < this.#size.actors; actor++) {
      if ((this.#phaseEnds[actor] ?? 0) <= day) {
        this.#isWithUs[actor] = 1 - (this.#isWithUs[actor] ?? 0)
        const mean = this.#isWithUs[actor] === 1 ? DAYS_WITH_US : DAYS_AWAY
        this.#phaseEnds[actor] = day + 1 - mean * Math.log(1 - this.#random.share())
      }
      if (this.#isWithUs[actor] === 1 && this.#random.share() < ACTIVE_SHARE) listeners.push(actor)
    }
    return listeners
  }

  #eventAt(at: number, actor: number, index: number): string {
    const random = (): number => this.#random.share()
    const properties = {
      song: `s${Math.floor(random() ** 2 * 50_000)}`,
      artist: `a${Math.floor(random() ** 2 * 5000)}`,
      seconds: Math.floor(random() * 240),
      results: 3,
    }
    const context = {
      library: { name: 'analytics-ios', version: '4.1.8' },
      device: { type: random() < 0.6 ? 'ios' : 'android' },
      ip: `10.${Math.floor(random() * 250)}.${Math.floor(random() * 250)}.7`,
      locale: 'en-GB',
    }
    return JSON.stringify({
      id: this.#random.uuid(),
      type: 'track',
      event: this.#name(),
      actor: { type: 'user', id: `u-${actor}` },
      time: formatInstant(at - (EVENTS_PER_FRAME - index) * 20),
      receivedAt: formatInstant(at),
      properties,
      context,
      source: 'app',
    })
  }

  #name(): string {
    let left = this.#random.share() * 1000
    for (const [name, of1000] of names) {
      left -= of1000
      if (left < 0) return name
    }
    return 'Song Played'
  }
}
