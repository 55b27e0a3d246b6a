import { crc32 } from 'node:zlib'
import type { Instant } from '#contracts'
import type { JsonObject } from './source-row.ts'

/** The least number of ids that are remembered; the largest number is twice as high. */
const IDS_MIN = 65_536

/** The parts of an event that are compared, decoded or as a record. */
export interface IdentifiedEvent {
  readonly id: string
  readonly event: string
  readonly actorId: string
  readonly properties?: JsonObject | undefined
  readonly traits?: JsonObject | undefined
  /** Whether times are compared: those of repeated requests may have been set to the arrival. */
  readonly times?: { readonly time: Instant; readonly arrival: Instant }
}

/** The kind of a clash: the earlier event with the same id belongs to the same actor, or to another actor. */
export type IdClash = 'same-actor' | 'other-actor'

/** The first event with an id. */
interface First {
  readonly digest: number
  readonly arrival: Instant
}

/**
 * Counts events with the id of a recent, different event. An id means one event of its actor: a second event of the same actor is dropped
 * as a copy, also if it differs, and one of another actor is applied.
 */
export class IdClashes {
  readonly #rememberMs: number
  #dropped = 0
  #applied = 0
  readonly #firsts = new RecentEntries<First>()
  readonly #actors = new RecentEntries<string>()

  /** @param rememberMs the time after which an event with the same id does not count as a copy any more */
  constructor(rememberMs = Number.POSITIVE_INFINITY) {
    this.#rememberMs = rememberMs
  }

  /** The number of clashes with the same actor, and with another. */
  get counts(): { readonly dropped: number; readonly applied: number } {
    return { dropped: this.#dropped, applied: this.#applied }
  }

  /** @returns the clash of the event with an earlier one; undefined if there is none */
  add(event: IdentifiedEvent): IdClash | undefined {
    const { id, actorId, times } = event
    const key = `${actorId}\0${id}`
    const arrival = times?.arrival ?? 0
    const before = this.#firsts.get(key)
    const isKnown = before !== undefined && arrival - before.arrival <= this.#rememberMs
    const digest = digestOf(event)
    this.#firsts.set(key, isKnown ? before : { digest, arrival })
    const belongsToOther = this.#belongsToOther(id, actorId)
    if (isKnown) return before.digest === digest ? undefined : this.#count('same-actor')
    return before === undefined && belongsToOther ? this.#count('other-actor') : undefined
  }

  /** Whether another actor had the id first. */
  #belongsToOther(id: string, actorId: string): boolean {
    const first = this.#actors.get(id) ?? actorId
    this.#actors.set(id, first)
    return first !== actorId
  }

  #count(clash: IdClash): IdClash {
    if (clash === 'same-actor') this.#dropped += 1
    else this.#applied += 1
    return clash
  }
}

/** A map that forgets the entries that were not set for longest. */
class RecentEntries<Value> {
  #newer = new Map<string, Value>()
  #older = new Map<string, Value>()

  get(key: string): Value | undefined {
    return this.#newer.get(key) ?? this.#older.get(key)
  }

  set(key: string, value: Value): void {
    if (this.#newer.size >= IDS_MIN) {
      this.#older = this.#newer
      this.#newer = new Map()
    }
    this.#newer.set(key, value)
  }
}

/** A digest of the content of an event. It does not depend on the order of the properties. */
function digestOf({ event, times, properties, traits }: IdentifiedEvent): number {
  return (crc32(`${event}\0${times?.time ?? ''}`) + objectDigest('p', properties) + objectDigest('t', traits)) >>> 0
}

function objectDigest(name: string, object: JsonObject | undefined): number {
  let sum = 0
  for (const key in object) sum = (sum + crc32(`${name}${key}\0${JSON.stringify(object[key])}`)) >>> 0
  return sum
}
