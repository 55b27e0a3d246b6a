import { SeededRandom } from '../../fixtures/seeded-random.ts'
import { actorId } from '../load.ts'

const ACTORS = 100_000
/** Requests that are made before the measurement, and used in turn. */
const KINDS = 200
/** The digits at the end of each message id that are new in each request. Otherwise all but the first would be copies. */
const DIGITS = 12
/** Of all requests of this process. */
let idsGiven = 0

export interface RequestOptions {
  readonly url: string
  /** The number of events in a request; undefined for one call without a batch. */
  readonly batch: number | undefined
  readonly key: string
}

/** The bytes of a request, and the places of the digits in it. */
interface MadeRequest {
  readonly bytes: Buffer
  readonly places: readonly number[]
}

/** Requests as SDKs send them, as bytes. Each has new message ids. */
export class Requests {
  readonly events: number
  readonly #made: readonly MadeRequest[]
  #next = 0

  constructor({ url, batch, key }: RequestOptions) {
    this.events = batch ?? 1
    const random = new SeededRandom(7)
    const track = (): object => ({
      type: 'track',
      messageId: `${random.uuid().slice(0, -DIGITS)}${'#'.repeat(DIGITS)}`,
      userId: actorId(Math.floor(random.share() * ACTORS)),
      event: 'Order Completed',
      properties: { cds: 1, dollars: 12.5, path: '/albums/17' },
    })
    const { host } = new URL(url)
    this.#made = Array.from({ length: KINDS }, () => {
      const body = JSON.stringify(batch === undefined ? track() : { batch: Array.from({ length: batch }, track) })
      const path = batch === undefined ? '/v1/track' : '/v1/batch'
      const headers = `host: ${host}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`
      const bytes = Buffer.from(`POST ${path} HTTP/1.1\r\n${headers}\r\n\r\n${body}`)
      return { bytes, places: placesOf(bytes) }
    })
  }

  /** The bytes are valid until this request comes in turn again. */
  next(): Buffer {
    const { bytes, places } = this.#made[this.#next] as MadeRequest
    this.#next = (this.#next + 1) % this.#made.length
    for (const place of places) bytes.write((idsGiven++).toString(16).padStart(DIGITS, '0'), place, 'latin1')
    return bytes
  }
}

function placesOf(bytes: Buffer): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf('####'); at >= 0; at = bytes.indexOf('####', at + DIGITS)) places.push(at)
  return places
}
