import { type Actor, INSTANT_MIN, type Instant } from '#contracts'
import type { StageMember } from '../read-models.ts'

/** As many digits as the latest instant needs, counted from the earliest: so texts stand in the order of the instants, without rounding. */
const INSTANT_DIGITS = 15

/** One version of one read model. */
export interface ModelVersion {
  readonly name: string
  readonly version: number
}

/** Names the keys of one version of a read model: those of another version never have the same names. */
export type KeyNames = (name: string, part?: string | number) => string

/** The counts of version 1 are fields of the state. */
export const COUNTS_IN_STATE = 'stage-counts@1'
/** Where version 1 of the first read models lies: so it is in Redis stores that are in use. */
const FIRST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [COUNTS_IN_STATE]: { actors: 'state' },
  'stage-members@1': { members: 'stages' },
  'flows@1': { days: 'days', hours: 'hours' },
}
const FIRST_OF_NAME: Readonly<Record<string, string>> = { stages: 'stage-members@1', days: 'flows@1', hours: 'flows@1' }

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
  /**
   * A hash: `position`, `logTime`, `filled` once the feed's end was reached, `dropped`; `models`, those that are kept here, and
   * `position.<model>` for each that is not at `position`; and the counts of stages in version 1.
   */
  readonly state: string
  readonly #root: string

  constructor(prefix: string, generation: string, partition: number) {
    this.#root = `${prefix}:{${generation}.${partition}}`
    this.state = `${this.#root}:state`
  }

  /** A list of an actor's outputs by seq, from 1: `+` and the JSON, or `-` and the JSON where it was taken back. */
  history(actor: string): string {
    return `${this.#root}:history:${actor}`
  }

  /** A list of what is in effect of them: JSON of `[seq, id, kind, from, stage, since]`, a notice with the stage it was given in. */
  effective(actor: string): string {
    return `${this.#root}:effective:${actor}`
  }

  /** The names of the keys of a read model. */
  of(model: ModelVersion): KeyNames {
    const id = idOf(model)
    const first = FIRST[id]
    const root = first === undefined ? `${this.#root}:${id}` : this.#root
    return (name, part) => {
      const key = `${root}:${first?.[name] ?? name}`
      return part === undefined ? key : `${key}:${part}`
    }
  }

  /** A hash: of each actor the seq up to which a model has been made that is being rebuilt. */
  reached(model: ModelVersion): string {
    return `${this.#root}:${idOf(model)}:reached`
  }

  /** Whether a key is one of this partition. */
  isOwn(key: string): boolean {
    return key.startsWith(`${this.#root}:`)
  }

  /** Which version of which model a key belongs to; undefined where it is that of none, or not of this partition. */
  modelOf(key: string): string | undefined {
    if (!this.isOwn(key)) return undefined
    const [name = ''] = key.slice(this.#root.length + 1).split(':', 1)
    return name.includes('@') ? name : FIRST_OF_NAME[name]
  }
}

/** How a version of a model is named in Redis. */
export function idOf({ name, version }: ModelVersion): string {
  return `${name}@${version}`
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
