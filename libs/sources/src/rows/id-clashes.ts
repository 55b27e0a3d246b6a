import { crc32 } from 'node:zlib'
import type { Instant } from '#contracts'
import type { Bag } from './source-row.ts'

/** So many ids are remembered at least, and twice as many at most. */
const IDS_MIN = 65_536

/** What is looked at of an event, decoded or as a record. */
export interface IdentifiedEvent {
  readonly id: string
  readonly event: string
  readonly actorId: string
  readonly properties?: Bag | undefined
  readonly traits?: Bag | undefined
  /** Where the times of copies are the same: with what is sent again, a time may be set by the arrival. */
  readonly times?: { readonly time: Instant; readonly arrival: Instant }
}

/** An event that has the id of an earlier one without being its copy; whether the same actor had it. */
export type IdClash = 'same-actor' | 'other-actor'

interface First {
  readonly digest: number
  readonly arrival: Instant
}

/**
 * Counts events that have the id of a recent other one. An id means one event of its actor: what the same actor sends under it is dropped
 * as a copy, also where it says something else, and what another actor sends is applied.
 */
export class IdClashes {
  readonly #rememberMs: number
  #dropped = 0
  #applied = 0
  readonly #firsts = new RecentEntries<First>()
  readonly #actors = new RecentEntries<string>()

  /** @param rememberMs after so long without it, an event with the same id is no copy any more */
  constructor(rememberMs = Number.POSITIVE_INFINITY) {
    this.#rememberMs = rememberMs
  }

  /** How many of the same actor there were, and how many of another. */
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

/** What was set last; of the rest, what was set longest ago is forgotten first. */
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
  return (crc32(`${event}\0${times?.time ?? ''}`) + bagDigest('p', properties) + bagDigest('t', traits)) >>> 0
}

function bagDigest(name: string, bag: Bag | undefined): number {
  let sum = 0
  for (const key in bag) sum = (sum + crc32(`${name}${key}\0${JSON.stringify(bag[key])}`)) >>> 0
  return sum
}
