import type { Instant } from '#contracts'
import { hashText, RecentEntries, type TextHash } from './recent-entries.ts'
import type { JsonObject } from './source-row.ts'

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
/**
 * Counts events with the id of a recent, different event. An id means one event of its actor: a second event of the same actor is dropped
 * as a copy, also if it differs, and one of another actor is applied.
 */
export class IdClashes {
  readonly #rememberMs: number
  #dropped = 0
  #applied = 0
  /** The digest of the first event with an id, and its arrival, by actor and id. */
  readonly #firsts = new RecentEntries()
  /** The first actor with an id. */
  readonly #actors = new RecentEntries()

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
    const actor = hashText(event.actorId)
    const key = hashText(event.id, actor)
    const arrival = event.times?.arrival ?? 0
    const before = this.#firsts.get(key)
    const isKnown = before !== undefined && arrival - before.time <= this.#rememberMs
    const digest = digestOf(event)
    this.#firsts.set(key, isKnown ? before : { value: digest, time: arrival })
    const belongsToOther = this.#belongsToOther(hashText(event.id), actor.low >>> 0)
    if (isKnown) return before.value === digest ? undefined : this.#count('same-actor')
    return before === undefined && belongsToOther ? this.#count('other-actor') : undefined
  }

  /** Whether another actor had the id first. */
  #belongsToOther(id: TextHash, actor: number): boolean {
    const first = this.#actors.get(id)?.value ?? actor
    this.#actors.set(id, { value: first, time: 0 })
    return first !== actor
  }

  #count(clash: IdClash): IdClash {
    if (clash === 'same-actor') this.#dropped += 1
    else this.#applied += 1
    return clash
  }
}

/** A digest of the content of an event. It does not depend on the order of the properties. */
function digestOf({ event, times, properties, traits }: IdentifiedEvent): number {
  const head = times === undefined ? hashText(event) : hashText(String(times.time), hashText(event))
  return (head.low + objectDigest('p', properties) + objectDigest('t', traits)) >>> 0
}

function objectDigest(name: string, object: JsonObject | undefined): number {
  if (object === undefined) return 0
  const start = hashText(name)
  let sum = 0
  for (const key in object) {
    const value = object[key]
    // Text keeps its quotation marks, so that "1" is another value than 1.
    sum = (sum + hashText(typeof value === 'number' ? String(value) : String(JSON.stringify(value)), hashText(key, start)).low) >>> 0
  }
  return sum
}
