import { type Actor, INSTANT_MIN, type Instant } from '#contracts'
import type { StageMember } from '../read-models.ts'

/** As many digits as the latest instant needs, counted from the earliest: so texts stand in the order of the instants, without rounding. */
const INSTANT_DIGITS = 15
const DAY_MS = 86_400_000

/** Which read models: a generation, and how many partitions its feed has. */
export interface Generation {
  /** Letters, digits, - and _. One that was dropped takes no batch until it is revived. */
  readonly name: string
  readonly partitions: number
}

/**
 * Where the read models of one partition lie. The text between the braces alone decides on the slot in a cluster, so all keys of a
 * partition lie on one node, beside its position.
 */
export class PartitionKeys {
  /** A hash: `position`, `logTime`, `stage.<id>` for each count, `filled` once the feed's end was reached, `dropped`. */
  readonly state: string
  /** A sorted set whose members, `<stage>.<since><actor>`, are ordered by their bytes. */
  readonly stages: string
  /** The days that have flows, as a sorted set of day numbers. */
  readonly days: string
  readonly #root: string

  constructor(prefix: string, generation: string, partition: number) {
    this.#root = `${prefix}:{${generation}.${partition}}`
    this.state = `${this.#root}:state`
    this.stages = `${this.#root}:stages`
    this.days = `${this.#root}:days`
  }

  /** A list of an actor's outputs by seq, from 1: `+` and the JSON, or `-` and the JSON where it was taken back. */
  history(actor: string): string {
    return `${this.#root}:history:${actor}`
  }

  /** A list of what is in effect of them: JSON of `[seq, id, kind, from, stage, since]`, a notice with the stage it was given in. */
  effective(actor: string): string {
    return `${this.#root}:effective:${actor}`
  }

  /** A key of a read model's own. */
  own(name: string): string {
    return `${this.#root}:${name}`
  }

  /** A hash of the flows of one day: `<hour of the day>.<kind>.<from>.<to>`. */
  hours(day: number): string {
    return `${this.#root}:hours:${day}`
  }
}

/** The keys of every partition of a generation, in order. */
export function keysOf(prefix: string, { name, partitions }: Generation): PartitionKeys[] {
  return Array.from({ length: partitions }, (_, partition) => new PartitionKeys(prefix, name, partition))
}

/** An actor as one text whose UTF-8 bytes stand in the order of type, then id. Zero bytes of the type are escaped, since two of them end it. */
export function actorText({ type, id }: Actor): string {
  return `${type.replaceAll('\0', '\0\u0001')}\0\0${id}`
}

/** An instant as digits. */
export function instantText(at: Instant): string {
  return String(at - INSTANT_MIN).padStart(INSTANT_DIGITS, '0')
}

export function instantOfText(text: string): Instant {
  return Number(text) + INSTANT_MIN
}

/** A member of `stages` without its stage. */
export function memberText({ since, actor }: StageMember): string {
  return instantText(since) + actorText(actor)
}

export function memberOfText(text: string): StageMember {
  const actor = text.slice(INSTANT_DIGITS)
  const end = actor.indexOf('\0\0')
  return { since: instantOfText(text.slice(0, INSTANT_DIGITS)), actor: { type: actor.slice(0, end).replaceAll('\0\u0001', '\0'), id: actor.slice(end + 2) } }
}

/** The number of the UTC day that an instant lies in. */
export function dayOf(at: Instant): number {
  return Math.floor(at / DAY_MS)
}
