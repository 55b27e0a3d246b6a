import type { Instant, Output } from '#contracts'
import type { PackedId } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { ActorState } from '../state/actor-state.ts'
import { IS_EVENT, IS_PUSHED, IS_SETTLED } from '../state/trail-record.ts'
import type { ActorStore } from './actor-store.ts'
import { Digest } from './digest.ts'
import { type Draft, draft, type Issue, issueOutput, issueRetraction } from './draft.ts'
import { type Happening, Walk } from './walk.ts'

/** An event's key is not above what a bound pushed out. */
export const BELOW_FLOOR = 1
/** An applied event of the same time has a greater id. */
export const BELOW_TIE = 2

/**
 * Events out of order (SEMANTICS rules 6 to 9): tells whether an event has been seen, and where it stands among the actor's others; folds
 * the journal again from its base and publishes the difference.
 */
export class Correction {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #walk: Walk
  readonly #digest: Digest
  /** Places of the outputs that stand, oldest first, and how many of them the walk has come upon again. */
  #published: number[] = []
  #standing = 0
  #drafts: Draft[] = []

  constructor(cycle: CompiledCycle, store: ActorStore) {
    this.#cycle = cycle
    this.#store = store
    this.#digest = new Digest(cycle)
    this.#walk = new Walk(cycle, (happening, state, digest) => {
      if (!this.#stands(happening)) this.#drafts.push(draft(cycle, happening, state, digest))
    })
  }

  /** Whether an event's id is in the journal of its actor, or among its newest ids. */
  isCopy(slot: number, id: PackedId, now: Instant): boolean {
    const trail = this.#store.openTrail(slot)
    const { graceMs, dedupeMs, journalMax } = this.#cycle
    let rank = 0
    for (let place = trail.last; place !== 0; place = trail.before(place)) {
      const flags = trail.flags(place)
      if ((flags & IS_EVENT) === 0) continue
      rank += 1
      if (!trail.hasId(place, id.bytes)) continue
      const isInJournal = (flags & IS_PUSHED) === 0 && trail.time(place) >= now - graceMs
      // Before the first tick both times are minus infinity, and their difference is not a number.
      if (isInJournal || (rank <= journalMax && !(now - trail.appliedAt(place) > dedupeMs))) return true
    }
    return false
  }

  /** Where an event that is neither late nor newer than all others of its actor stands among them: BELOW_FLOOR, BELOW_TIE. */
  standing(slot: number, digest: Digest): number {
    const trail = this.#store.openTrail(slot)
    trail.findBase()
    const { floor, reach } = trail
    if (floor !== 0 && this.#isBelow(digest, floor)) return BELOW_FLOOR
    for (let place = trail.last; place >= reach && place !== 0; place = trail.before(place)) {
      if ((trail.flags(place) & (IS_EVENT | IS_SETTLED)) !== IS_EVENT) continue
      if (trail.time(place) === digest.time && this.#isBelow(digest, place)) return BELOW_TIE
    }
    return 0
  }

  #isBelow(digest: Digest, place: number): boolean {
    const { trail } = this.#store
    const time = trail.time(place)
    return digest.time < time || (digest.time === time && trail.compareId(place, digest.id) >= 0)
  }

  /**
   * Folds the actor again over its journal, from its base into `state`. The slot's trail is open.
   * @returns the retractions, newest first, then what replaces them, oldest first
   */
  refold(slot: number, state: ActorState, now: Instant, issue: Issue): Output[] {
    const { trail } = this.#store
    const { events, outputs } = trail.unsettled()
    this.#published = outputs
    this.#standing = 0
    this.#drafts = []
    trail.readBase(state)
    for (const place of events) {
      trail.readDigest(place, this.#digest)
      this.#walk.apply(state, this.#digest)
    }
    this.#walk.passTime(state, now)
    return this.#difference(slot, issue)
  }

  /** Whether a happening is the next of those published, so that it stands as it was. */
  #stands(happening: Happening): boolean {
    const place = this.#published[this.#standing]
    if (this.#drafts.length > 0 || place === undefined) return false
    const { kind, from, to, at, rule } = this.#store.trail.output(place)
    const same = kind === happening.kind && from === happening.from && to === happening.to && at === happening.at && rule === happening.rule
    if (same) this.#standing += 1
    return same
  }

  #difference(slot: number, issue: Issue): Output[] {
    const { trail } = this.#store
    const outputs: Output[] = []
    let oldest: Output | undefined
    for (const place of this.#published.slice(this.#standing).reverse()) {
      oldest = issueRetraction(this.#cycle, trail.output(place), this.#nextSeq(slot), issue)
      trail.addFlags(place, IS_SETTLED)
      outputs.push(oldest)
    }
    for (const drafted of this.#drafts) {
      const seq = this.#nextSeq(slot)
      const output = issueOutput(this.#cycle, drafted, seq, issue)
      outputs.push(oldest?.retracts === undefined ? output : { ...output, corrects: oldest.retracts })
      trail.addOutput({ ...drafted.happening, seq })
    }
    return outputs
  }

  #nextSeq(slot: number): number {
    const seq = this.#store.seq(slot) + 1
    this.#store.setSeq(slot, seq)
    return seq
  }
}
