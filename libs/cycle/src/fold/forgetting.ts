import type { Instant } from '#contracts'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { ActorState } from '../state/actor-state.ts'
import { ByteReader } from '../state/bytes.ts'
import { BASE_IS_START } from '../state/trail.ts'
import { IN_JOURNAL, IN_RECENT, IS_FLOOR } from '../state/trail-entry.ts'
import type { ActorStore } from './actor-store.ts'
import { Digest } from './digest.ts'
import { Walk } from './walk.ts'

const NEVER = Number.POSITIVE_INFINITY

/**
 * Moves actors' bases up: what has left the journal, by its grace or pushed out by a bound, becomes part of the base, and what no later
 * event can touch is forgotten (SEMANTICS rule 5).
 */
export class Forgetting {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #walk: Walk
  readonly #state: ActorState
  readonly #digest: Digest
  readonly #reader = new ByteReader()
  #happenings = 0

  constructor(cycle: CompiledCycle, store: ActorStore) {
    this.#cycle = cycle
    this.#store = store
    this.#state = new ActorState(cycle)
    this.#digest = new Digest(cycle)
    this.#walk = new Walk(cycle, () => {
      this.#happenings += 1
    })
  }

  /** Forgets what has left its grace period or its time for telling duplicates at log time `now`. */
  passTo(now: Instant): void {
    const { journals, forgetting } = this.#store
    while (journals.key < now - this.#cycle.graceMs) this.#expireJournal(journals.slot, now)
    while (forgetting.key < now) this.#forget(forgetting.slot, now)
  }

  /** Holds the journal of a slot to its bound. */
  boundJournal(slot: number, now: Instant): void {
    while (this.#store.openTrail(slot).journalCount > this.#cycle.journalMax) this.pushOut(slot, now)
  }

  /** The slot whose journal has the oldest entry by (time, id, actor). */
  oldestSlot(): number {
    const { journals, table } = this.#store
    let oldest = -1
    let oldestId = new Uint8Array(0)
    for (const slot of journals.tied()) {
      const trail = this.#store.openTrail(slot)
      const [place = 0] = trail.journal()
      const order = oldest < 0 ? -1 : trail.compareId(place, oldestId) || table.compare(slot, oldest)
      if (order >= 0) continue
      oldest = slot
      trail.readDigest(place, this.#reader, this.#digest)
      oldestId = this.#digest.id.slice(0, this.#digest.idLength)
    }
    return oldest
  }

  /** Pushes the oldest entry of a slot's journal out. */
  pushOut(slot: number, now: Instant): void {
    const store = this.#store
    const trail = store.openTrail(slot)
    const [oldest] = trail.journal()
    if (oldest === undefined) return
    for (let place = trail.first(); place !== NEVER; place = trail.next(place)) trail.setFlags(place, trail.flags(place) & ~IS_FLOOR)
    const time = trail.time(oldest)
    this.#leaveJournal(slot, [oldest], now - this.#cycle.graceMs)
    trail.setFlags(oldest, trail.flags(oldest) | IS_FLOOR)
    this.#tidy(slot)
    store.forgetting.set(slot, Math.min(store.forgetting.keyOf(slot), time + this.#cycle.graceMs))
  }

  #expireJournal(slot: number, now: Instant): void {
    const trail = this.#store.openTrail(slot)
    const limit = now - this.#cycle.graceMs
    this.#leaveJournal(slot, trail.journal().filter((place) => trail.time(place) < limit), limit)
    this.#tidy(slot)
  }

  /** Takes entries, the oldest by key, out of the journal and into the base. */
  #leaveJournal(slot: number, leaving: readonly number[], limit: Instant): void {
    const store = this.#store
    const { trail, journals } = store
    const isLast = leaving.length === trail.journalCount
    if (isLast && store.states.effective(store.state(slot)) < limit) store.dropBase()
    else this.#advanceBase(leaving)
    for (const place of leaving) trail.setFlags(place, trail.flags(place) & ~IN_JOURNAL)
    trail.journalCount -= leaving.length
    store.journalEntries -= leaving.length
    journals.set(slot, isLast ? NEVER : trail.oldestJournalTime())
    if (isLast && trail.base !== 0) {
      const effective = store.states.effective(store.state(slot))
      store.forgetting.set(slot, Math.min(store.forgetting.keyOf(slot), effective + this.#cycle.graceMs))
    }
  }

  #advanceBase(places: readonly number[]): void {
    const { trail, states, published } = this.#store
    const base = trail.base === BASE_IS_START ? 0 : trail.base
    states.read(base, this.#state)
    this.#happenings = 0
    for (const place of places) {
      trail.readDigest(place, this.#reader, this.#digest)
      this.#walk.apply(this.#state, this.#digest)
    }
    trail.base = states.write(base, this.#state)
    trail.published = published.keep(trail.published, this.#happenings, published.count(trail.published))
  }

  #forget(slot: number, now: Instant): void {
    const store = this.#store
    const trail = store.openTrail(slot)
    const { graceMs, dedupeMs } = this.#cycle
    const limit = now - graceMs
    let next = NEVER
    for (let place = trail.first(); place !== NEVER; place = trail.next(place)) {
      let flags = trail.flags(place)
      if (now - trail.appliedAt(place) > dedupeMs) flags &= ~IN_RECENT
      if (trail.time(place) < limit) flags &= ~IS_FLOOR
      trail.setFlags(place, flags)
      if ((flags & IN_RECENT) !== 0) next = Math.min(next, trail.appliedAt(place) + dedupeMs)
      if ((flags & IS_FLOOR) !== 0) next = Math.min(next, trail.time(place) + graceMs)
    }
    if (trail.base !== 0 && trail.journalCount === 0) {
      const effective = store.states.effective(store.state(slot))
      if (effective < limit) store.dropBase()
      else next = Math.min(next, effective + graceMs)
    }
    store.forgetting.set(slot, next)
    this.#tidy(slot)
  }

  /** Drops entries that nothing needs, and the trail with the last of them. */
  #tidy(slot: number): void {
    const { trail } = this.#store
    if (trail.pointer === 0) return
    if (!trail.compact() && trail.base === 0) trail.drop()
    this.#store.closeTrail(slot)
  }
}
