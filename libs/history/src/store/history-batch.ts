import { type Instant, instantOf, type Output } from '#contracts'

/** The length of a slot of `active`: every time zone has its midnight at the beginning of one. */
export const SLOT_MS = 900_000

/** Where a partition is followed. Strings are opaque to the store. */
export interface FollowedTo {
  readonly partition: number
  /** The log time up to which history is complete; undefined if the batch does not reach the end of the feed. */
  readonly logTime: Instant | undefined
  readonly feedAfter: number
  readonly lateAfter: number
  /** The last entry of the log. */
  readonly log: { readonly offset: number; readonly index: number }
  /** What the follower needs to continue, as JSON. */
  readonly recall: string | null
}

/** A retraction of an output that an earlier batch has stored. */
export interface StoredRetraction {
  readonly output: Output
  readonly at: Instant
  readonly retractedAt: Instant
}

/** The newest value of a trait. Null: it was removed. */
interface TraitValue {
  readonly value: string | null
  readonly since: Instant
}

/** What the kinds, stages, rules, causes and origins of outputs can be together is a small set: rows have its numbers. */
export class OutputPaths {
  readonly #numbers = new Map<string, number>()
  /** Those that were not stored yet. */
  readonly added: (readonly [path: number, kind: string, from: string | null, to: string, rule: string, cause: string, origin: string])[] = []

  of({ kind, from, to, rule, cause, origin }: Output): number {
    const key = `${kind}\n${from}\n${to}\n${rule}\n${cause}\n${origin}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const path = this.#numbers.size
    this.#numbers.set(key, path)
    this.added.push([path, kind, from === 'start' ? null : from, to, rule, cause, origin])
    return path
  }
}

/** What is written in one transaction, as columns. It takes outputs in the order of the feed, and activity in the order of the log. */
export class HistoryBatch {
  readonly #paths: OutputPaths
  readonly #places = new Map<string, number>()
  readonly outputs = {
    actors: [] as string[],
    seqs: [] as number[],
    paths: [] as number[],
    ats: [] as number[],
    noticedAts: [] as number[],
    dwells: [] as (number | null)[],
    retractedAts: [] as (number | null)[],
  }
  readonly retractions: StoredRetraction[] = []
  readonly active = { actors: [] as string[], slots: [] as number[] }
  readonly #lastSlots = new Map<string, number>()
  readonly traits = new Map<string, Map<string, TraitValue>>()
  #traitCount = 0
  readonly followed = new Map<number, FollowedTo>()

  constructor(paths: OutputPaths) {
    this.#paths = paths
  }

  get rows(): number {
    return this.#places.size + this.retractions.length + this.active.slots.length + this.#traitCount
  }

  /** How many there are of each kind. */
  get counts() {
    return { outputs: this.outputCount, active: this.active.slots.length, traits: this.#traitCount }
  }

  /** How many of the rows are outputs. */
  get outputCount(): number {
    return this.#places.size + this.retractions.length
  }

  /** An output of the feed. */
  addOutput(output: Output): void {
    if (output.kind === 'retraction') this.#retract(output)
    else {
      const { outputs } = this
      this.#places.set(output.id, outputs.seqs.length)
      outputs.actors.push(output.actor.id)
      outputs.seqs.push(output.seq)
      outputs.paths.push(this.#paths.of(output))
      outputs.ats.push(instantOf(output.at))
      outputs.noticedAts.push(instantOf(output.noticedAt))
      outputs.dwells.push(output.dwellMs)
      outputs.retractedAts.push(null)
    }
  }

  #retract(output: Output): void {
    const retractedAt = instantOf(output.noticedAt)
    const place = this.#places.get(output.retracts ?? '')
    if (place === undefined) this.retractions.push({ output, at: instantOf(output.at), retractedAt })
    else this.outputs.retractedAts[place] = retractedAt
  }

  /** An applied event of an actor. */
  addActive(actorId: string, time: Instant): void {
    const slot = Math.floor(time / SLOT_MS)
    if (this.#lastSlots.get(actorId) === slot) return
    this.#lastSlots.set(actorId, slot)
    this.active.actors.push(actorId)
    this.active.slots.push(slot)
  }

  /** A trait that an event of an actor says. Of two events at one time the later one in the log holds. */
  addTrait(actorId: string, name: string, { value, since }: TraitValue): void {
    let traits = this.traits.get(actorId)
    if (traits === undefined) {
      traits = new Map()
      this.traits.set(actorId, traits)
    }
    const known = traits.get(name)
    if (known !== undefined && known.since > since) return
    if (known === undefined) this.#traitCount += 1
    traits.set(name, { value, since })
  }

  /** Where a partition continues after this batch. */
  follow(to: FollowedTo): void {
    this.followed.set(to.partition, to)
  }

  /** The ids of all actors in the batch. */
  *actorIds(): Generator<string> {
    yield* this.outputs.actors
    for (const { output } of this.retractions) yield output.actor.id
    yield* this.active.actors
    yield* this.traits.keys()
  }
}
