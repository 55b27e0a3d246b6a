import { type Actor, INSTANT_MIN, type Instant } from '#contracts'
import type { StageMember } from '../read-models.ts'

/** The number of digits of any instant, counted from the earliest one. With a fixed length the texts have the order of the instants. */
const INSTANT_DIGITS = 15

/** One version of one read model. */
export interface ModelVersion {
  readonly name: string
  readonly version: number
}

/** Names the keys of one version of a read model. Two versions never share a key. */
export type KeyNames = (name: string, part?: string | number) => string

/** The model whose data are fields of the partition's state, not keys of their own. */
export const COUNTS_IN_STATE = 'stage-counts@1'
/** The key names of the first read models in version 1. Redis stores that are in use have them. */
const FIRST_KEY_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [COUNTS_IN_STATE]: { actors: 'state' },
  'stage-members@1': { members: 'stages' },
  'flows@1': { days: 'days', hours: 'hours' },
}
/** The model to which such a key belongs. */
const FIRST_MODEL_OF_KEY: Readonly<Record<string, string>> = { stages: 'stage-members@1', days: 'flows@1', hours: 'flows@1' }

/** The name of a generation, and the number of partitions of its feed. */
export interface Generation {
  /** Letters, digits, - and _. A generation that was dropped accepts no batch until it is revived. */
  readonly name: string
  readonly partitions: number
}

/**
 * The keys of the read models of one partition. A cluster takes the slot from the text between the braces, so all keys of a partition are
 * on the node that also has its position.
 */
export class PartitionKeys {
  /**
   * A hash with the fields `position`; `logTime`; `filled`, since the feed's end was reached; `dropped`; `models`, the models that are kept
   * here; `position.<model>` for each model that is not at `position`; and the counts of stages in version 1.
   */
  readonly state: string
  readonly #root: string

  constructor(prefix: string, generation: string, partition: number) {
    this.#root = `${prefix}:{${generation}.${partition}}`
    this.state = `${this.#root}:state`
  }

  /** A list of an actor's outputs by seq, from 1: `+` and the JSON, or `-` and the JSON if the output was retracted. */
  history(actor: string): string {
    return `${this.#root}:history:${actor}`
  }

  /** A list of the actor's outputs in effect: JSON of `[seq, id, kind, from, stage, since]`. For a notice, `stage` is the stage of its actor. */
  effective(actor: string): string {
    return `${this.#root}:effective:${actor}`
  }

  /** The names of the keys of a read model. */
  keyNamesOf(model: ModelVersion): KeyNames {
    const id = idOf(model)
    const first = FIRST_KEY_NAMES[id]
    const root = first === undefined ? `${this.#root}:${id}` : this.#root
    return (name, part) => {
      const key = `${root}:${first?.[name] ?? name}`
      return part === undefined ? key : `${key}:${part}`
    }
  }

  /** A hash for a model that is being rebuilt: for each actor, the seq up to which the model has been made. */
  rebuiltSeqs(model: ModelVersion): string {
    return `${this.#root}:${idOf(model)}:reached`
  }

  /** Whether a key is one of this partition. */
  isOwn(key: string): boolean {
    return key.startsWith(`${this.#root}:`)
  }

  /** The model with its version to which a key belongs; undefined if it belongs to no model, or to another partition. */
  modelOf(key: string): string | undefined {
    if (!this.isOwn(key)) return undefined
    const [name = ''] = key.slice(this.#root.length + 1).split(':', 1)
    return name.includes('@') ? name : FIRST_MODEL_OF_KEY[name]
  }
}

/** The name of a model and its version in Redis. */
export function idOf({ name, version }: ModelVersion): string {
  return `${name}@${version}`
}

/** The keys of every partition of a generation, in order. */
export function keysOf(prefix: string, { name, partitions }: Generation): PartitionKeys[] {
  return Array.from({ length: partitions }, (_, partition) => new PartitionKeys(prefix, name, partition))
}

/** An actor as one text. The UTF-8 bytes of such texts have the order of type, then id. Two zero bytes end the type, so its own zero bytes are escaped. */
export function actorText({ type, id }: Actor): string {
  return `${type.replaceAll('\0', '\0\u0001')}\0\0${id}`
}

/** An instant as digits. */
export function instantText(at: Instant): string {
  return String(at - INSTANT_MIN).padStart(INSTANT_DIGITS, '0')
}

/** The instant of a text that {@link instantText} made. */
export function instantOfText(text: string): Instant {
  return Number(text) + INSTANT_MIN
}

/** A member of `stages` without its stage. */
export function memberText({ since, actor }: StageMember): string {
  return instantText(since) + actorText(actor)
}

/** The member of a text that {@link memberText} made. */
export function memberOfText(text: string): StageMember {
  const actor = text.slice(INSTANT_DIGITS)
  const end = actor.indexOf('\0\0')
  return { since: instantOfText(text.slice(0, INSTANT_DIGITS)), actor: { type: actor.slice(0, end).replaceAll('\0\u0001', '\0'), id: actor.slice(end + 2) } }
}
