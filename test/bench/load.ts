import { formatInstant } from '#contracts'
import { SeededRandom } from '../fixtures/seeded-random.ts'

/** The time of the first event. */
export const START = Date.UTC(2026, 0, 1)
export const DAY_MS = 86_400_000

/** The id of the n-th actor: the same in every run, so that a million of them need not be in memory. */
export function actorId(n: number): string {
  const random = new SeededRandom(Math.imul(n + 1, 0x9e3779b1))
  return random.uuid()
}

/** How events are spread over the actors. */
export type Spread = 'uniform' | 'zipf'

/** Gives the name and the properties of an event. */
export type Content = (random: SeededRandom) => { readonly event: string; readonly properties?: Readonly<Record<string, unknown>> }

const visit: Content = () => ({ event: 'Visit', properties: { path: '/albums', device: 'phone' } })

/** The events of a load. */
export interface LoadOptions {
  readonly actors: number
  readonly spread?: Spread
  readonly content?: Content
  /** Two loads of one log need different seeds. Otherwise their events have the same ids and count as copies. */
  readonly seed?: number
  /** The number of the first actor. */
  readonly first?: number
}

/** Events of a population of actors with UUIDs, as lines of JSON, each at its time. */
export class Load {
  readonly #actors: number
  readonly #random: SeededRandom
  readonly #spread: Spread
  readonly #content: Content
  #next: number

  constructor({ actors, spread = 'uniform', content = visit, seed = 1, first = 0 }: LoadOptions) {
    this.#actors = actors
    this.#random = new SeededRandom(seed)
    this.#next = first
    this.#spread = spread
    this.#content = content
  }

  /** An event of the next actor in turn. */
  inTurn(time: number, arrival = time): string {
    const actor = this.#next
    this.#next = (actor + 1) % this.#actors
    return this.#line(actor, time, arrival)
  }

  /** An event of an actor chosen at random: all with the same chance, or rank k in proportion to 1 / k. */
  byChance(time: number, arrival = time): string {
    const share = this.#random.share()
    const chosen = this.#spread === 'uniform' ? share * this.#actors : (this.#actors + 1) ** share - 1
    return this.#line(Math.min(Math.floor(chosen), this.#actors - 1), time, arrival)
  }

  #line(actor: number, time: number, arrival: number): string {
    const { event, properties } = this.#content(this.#random)
    const [at, receivedAt] = [formatInstant(time), formatInstant(arrival)]
    const id = `"id":"${this.#random.uuid()}","type":"track","event":"${event}","actor":{"type":"user","id":"${actorId(actor)}"}`
    const propertiesJson = properties === undefined ? '' : `,"properties":${JSON.stringify(properties)}`
    return `{${id},"time":"${at}","receivedAt":"${receivedAt}"${propertiesJson}}`
  }
}

/** A frame of lines with a tick at its end, like a frame of ingest. */
export function frameOf(lines: readonly string[], tick: number): string {
  return `${lines.join('\n')}\n${tickLine(tick)}`
}

const WRITER = 'bench'
/** The record that opens the writer of a load. */
export const openLine = (time: number): string => JSON.stringify({ record: 'writer.open', writer: WRITER, time: formatInstant(time) })
/** A tick of the writer of a load. */
export const tickLine = (time: number): string => JSON.stringify({ record: 'tick', writer: WRITER, time: formatInstant(time) })
