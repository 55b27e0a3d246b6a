import type { Instant, Output } from '#contracts'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { ActorState } from '../state/actor-state.ts'
import { ByteReader } from '../state/bytes.ts'
import type { Published } from '../state/published-list.ts'
import { BASE_IS_START } from '../state/trail.ts'
import { IN_JOURNAL, IN_RECENT, IS_FLOOR } from '../state/trail-entry.ts'
import type { ActorStore } from './actor-store.ts'
import { Digest } from './digest.ts'
import { type Draft, draft, type Issue, issueOutput, issueRetraction } from './draft.ts'
import { type Happening, Walk } from './walk.ts'

const NEVER = Number.POSITIVE_INFINITY

/**
 * Events out of order (SEMANTICS rules 6 to 9): tells whether an event has been seen, and where it stands among the actor's others; folds
 * the journal again from its base and publishes the difference.
 */
export class Correction {
  /** The event's id is known: it is a copy. */
  readonly DUPLICATE = 1
  /** Its key is not above what a bound pushed out. */
  readonly BELOW_FLOOR = 2
  /** An applied event of the same time has a greater id. */
  readonly BELOW_TIE = 4
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #walk: Walk
  readonly #digest: Digest
  readonly #reader = new ByteReader()
  #recent = 0
  #standing = 0
  #published = 0
  #list = 0
  #drafts: Draft[] = []

  constructor(cycle: CompiledCycle, store: ActorStore) {
    this.#cycle = cycle
    this.#store = store
    this.#digest = new Digest(cycle)
    this.#walk = new Walk(cycle, (happening, state, digest) => {
      if (!this.#stands(happening)) this.#drafts.push(draft(cycle, happening, state, digest))
    })
  }

  /** Where an event stands among those of its actor that are remembered: DUPLICATE, BELOW_FLOOR, BELOW_TIE. */
  compareWithTrail(slot: number, digest: Digest, now: Instant): number {
    const trail = this.#store.openTrail(slot)
    let seen = 0
    for (let place = trail.first(); place !== NEVER; place = trail.next(place)) {
      const flags = trail.flags(place)
      const counts = (flags & IN_JOURNAL) !== 0 || ((flags & IN_RECENT) !== 0 && !(now - trail.appliedAt(place) > this.#cycle.dedupeMs))
      if (counts && trail.hasId(place, digest.id)) return this.DUPLICATE
      const time = trail.time(place)
      if (time < digest.time) continue
      if (time > digest.time || trail.compareId(place, digest.id) >= 0) {
        if ((flags & IS_FLOOR) !== 0) seen |= this.BELOW_FLOOR
        if (time === digest.time) seen |= this.BELOW_TIE
      }
    }
    return seen
  }

  /** Of the ids that duplicates are told by only the newest `journal` are kept: makes room for one more. The slot's trail is open. */
  makeRoomForId(_slot: number): void {
    const { trail } = this.#store
    this.#recent = 0
    let oldest = NEVER
    for (let place = trail.first(); place !== NEVER; place = trail.next(place)) {
      if ((trail.flags(place) & IN_RECENT) === 0) continue
      this.#recent += 1
      if (oldest === NEVER) oldest = place
    }
    if (this.#recent < this.#cycle.journalMax) return
    trail.setFlags(oldest, trail.flags(oldest) & ~IN_RECENT)
    trail.compact()
  }

  /**
   * Folds the actor again over its journal, from its base into `state`.
   * @returns the retractions, newest first, then what replaces them, oldest first
   */
  refold(slot: number, state: ActorState, now: Instant, issue: Issue): Output[] {
    const { trail, states, published } = this.#store
    this.#list = trail.published
    this.#published = published.count(this.#list)
    this.#standing = 0
    this.#drafts = []
    states.read(trail.base === BASE_IS_START ? 0 : trail.base, state)
    for (const place of trail.journal()) {
      trail.readDigest(place, this.#reader, this.#digest)
      this.#walk.apply(state, this.#digest)
    }
    this.#walk.passTime(state, now)
    return this.#difference(slot, issue)
  }

  /** Whether a happening is the next of those published, so that it stands as it was. */
  #stands(happening: Happening): boolean {
    if (this.#drafts.length > 0 || this.#standing >= this.#published) return false
    const { kind, from, to, at, rule } = this.#store.published.get(this.#list, this.#standing)
    const same = kind === happening.kind && from === happening.from && to === happening.to && at === happening.at && rule === happening.rule
    if (same) this.#standing += 1
    return same
  }

  #difference(slot: number, issue: Issue): Output[] {
    const { trail, published } = this.#store
    const outputs: Output[] = []
    let oldest: Output | undefined
    for (let index = this.#published - 1; index >= this.#standing; index--) {
      oldest = issueRetraction(this.#cycle, published.get(this.#list, index), this.#nextSeq(slot), issue)
      outputs.push(oldest)
    }
    let list = published.keep(this.#list, 0, this.#standing)
    for (const drafted of this.#drafts) {
      const seq = this.#nextSeq(slot)
      const output = issueOutput(this.#cycle, drafted, seq, issue)
      outputs.push(oldest?.retracts === undefined ? output : { ...output, corrects: oldest.retracts })
      const standing: Published = { ...drafted.happening, seq }
      list = published.add(list, standing)
    }
    trail.published = list
    return outputs
  }

  #nextSeq(slot: number): number {
    const seq = this.#store.seq(slot) + 1
    this.#store.setSeq(slot, seq)
    return seq
  }
}
