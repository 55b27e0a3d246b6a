import { crc32 } from 'node:zlib'
import type { Instant } from '#contracts'
import type { JsonObject } from './source-row.ts'

/** The number of ids that are remembered at least; at most twice as many. */
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

/** An event that has the id of an earlier, different event; whether it is of the same actor. */
export type IdClash = 'same-actor' | 'other-actor'

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

  /** @param rememberMs after so long an event with the same id is no copy any more */
  constructor(rememberMs = Number.POSITIVE_INFINITY) {
    this.#rememberMs = rememberMs
  }

  /** The number of clashes with the same actor, and with another. */
  get counts(): { readonly dropped: number; readonly applied: number } {
    return { dropped: this.#dropped, applied: this.#applied }
  }

  saw(event: IdentifiedEvent): IdClash | undefined {
    const { id, actorId, times } = event
    const key = `${actorId}\0${id}`
    const arrival = times?.arrival ?? 0
    const before = this.#firsts.get(key)
    const isKnown = before !== undefined && arrival - before.arrival <= this.#rememberMs
    const digest = digestOf(event)
    this.#firsts.set(key, isKnown ? before : { digest, arrival })
    const isOfOther = this.#isOfOther(id, actorId)
    if (isKnown) return before.digest === digest ? undefined : this.#count('same-actor')
    return before === undefined && isOfOther ? this.#count('other-actor') : undefined
  }

  /** Whether another actor had the id first. */
  #isOfOther(id: string, actorId: string): boolean {
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

/** Newer entries replace older ones; the oldest entries are forgotten first. */
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

/** The same for events with equal content, in any order of their properties. */
function digestOf({ event, times, properties, traits }: IdentifiedEvent): number {
  return (crc32(`${event}\0${times?.time ?? ''}`) + objectDigest('p', properties) + objectDigest('t', traits)) >>> 0
}

function objectDigest(name: string, object: JsonObject | undefined): number {
  let sum = 0
  for (const key in object) sum = (sum + crc32(`${name}${key}\0${JSON.stringify(object[key])}`)) >>> 0
  return sum
}
