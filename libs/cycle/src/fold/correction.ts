import type { Instant, Output } from '#contracts'
import type { PackedId } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { ActorState } from '../state/actor-state.ts'
import type { IdSearch } from '../state/trail.ts'
import { IS_PUSHED, IS_SETTLED } from '../state/trail-record.ts'
import type { ActorStore } from './actor-store.ts'
import { Digest } from './digest.ts'
import { type Draft, draft, type Issue, issueOutput, issueRetraction } from './draft.ts'
import { InstantIds } from './instant-ids.ts'
import type { Journals } from './journals.ts'
import { type Happening, Walk } from './walk.ts'

const NEVER = Number.POSITIVE_INFINITY
/** A longer trail is looked through once, and its ids kept for the copies that come next. */
const STEPS_MAX = 500

const isSame = (a: Happening, b: Happening): boolean => a.kind === b.kind && a.from === b.from && a.to === b.to && a.at === b.at && a.rule === b.rule

/**
 * Events out of order (rules 6 to 10): tells whether an event has been seen, and whether a bound has closed its place; folds the
 * journal again from its base and publishes the difference.
 */
export class Correction {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #journals: Journals
  readonly #walk: Walk
  readonly #digest: Digest
  readonly #instant = new InstantIds()
  readonly #search: IdSearch = { place: 0, rank: 0 }
  /** Places of the outputs that stand, oldest first, and how many of them the walk has come upon again. */
  #published: number[] = []
  #standing = 0
  #drafts: Draft[] = []

  constructor(cycle: CompiledCycle, store: ActorStore, journals: Journals) {
    this.#cycle = cycle
    this.#store = store
    this.#journals = journals
    this.#digest = new Digest(cycle)
    this.#walk = new Walk(cycle, (happening, state, digest) => {
      if (!this.#stands(happening)) this.#drafts.push(draft(cycle, happening, state, digest))
    })
  }

  /** Whether an event's id is in the journal of its actor, or among its newest ids. Nothing older than both is looked at. */
  isCopy(slot: number, id: PackedId, now: Instant): boolean {
    const trail = this.#store.openTrail(slot)
    const { dedupeMs, journalMax } = this.#cycle
    const oldest = this.#baseOfJournal(slot, now)
    const search = this.#search
    search.place = trail.last
    search.rank = 0
    for (; trail.findId(id, search, journalMax, oldest); search.place = trail.before(search.place)) {
      // Before the first tick both times are minus infinity, and their difference is not a number.
      if (search.rank <= journalMax && !(now - trail.appliedAt(search.place) > dedupeMs)) return true
      if (search.place >= oldest && this.#isInJournal(search.place, now)) return true
    }
    const listed = oldest === NEVER ? 0 : trail.findListed(id)
    return listed !== 0 && this.#isInJournal(listed, now)
  }

  /** Whether an event of the open trail is in the journal, whose base the trail has. */
  #isInJournal(place: number, now: Instant): boolean {
    const { trail } = this.#store
    if (trail.time(place) < now - this.#cycle.graceMs) return false
    this.#journals.markPushedOut(now)
    return (trail.flags(place) & IS_PUSHED) === 0
  }

  /** Of what came before this place to the open trail of a slot only what its base lists is in the journal. Plus infinity where the journal is empty. */
  #baseOfJournal(slot: number, now: Instant): number {
    const { trail, states } = this.#store
    const pointer = this.#store.state(slot)
    if (Math.max(states.lastActivity(pointer), states.effective(pointer)) < now - this.#cycle.graceMs) return NEVER
    trail.findBase()
    return (trail.flags(trail.base) & IS_SETTLED) === 0 ? trail.base : NEVER
  }

  /**
   * Whether an event lies below what a bound pushed out. At the very time of that it stands behind it, since it comes later in the log,
   * unless it is a copy: a copy stands where the first of its id does.
   */
  isBelowFloor(slot: number, digest: Digest, mayBeCopy: boolean, now: Instant): boolean {
    const trail = this.#store.openTrail(slot)
    trail.findBase()
    this.#journals.markPushedOut(now)
    const { floor } = trail
    if (floor === 0 || digest.time > trail.time(floor)) return false
    return digest.time < trail.time(floor) || (mayBeCopy && this.#wasPushedOut(slot, digest))
  }

  /** Whether an event of the same id and time is among those of the open trail that a bound pushed out. */
  #wasPushedOut(slot: number, digest: Digest): boolean {
    const { trail } = this.#store
    let place = this.#instant.has(slot, digest.time) ? -1 : trail.last
    for (let steps = 0; place > 0 && steps < STEPS_MAX; place = trail.before(place), steps++)
      if ((trail.flags(place) & IS_PUSHED) !== 0 && trail.time(place) === digest.time && trail.hasId(place, digest.id)) return true
    const found = place === 0 ? undefined : this.#instant.find(trail, slot, digest)
    return found !== undefined && (trail.flags(found) & IS_PUSHED) !== 0
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
    const published = this.#store.trail.output(place)
    const same = isSame(published, happening) && (published.cause === happening.cause || this.#cycle.rules[published.rule]?.cause !== undefined)
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
