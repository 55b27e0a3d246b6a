import type { Instant } from '#contracts'
import { packedLength } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { ActorState } from '../state/actor-state.ts'
import { IS_PUSHED, IS_SETTLED } from '../state/trail-record.ts'
import type { ActorStore } from './actor-store.ts'
import { Digest } from './digest.ts'
import { OldestEntries } from './oldest-entries.ts'
import { Walk } from './walk.ts'

const NEVER = Number.POSITIVE_INFINITY
/** A base older than this and half the grace is looked at: it and the grace before it hold the log until the grace after it has passed. */
const BASE_AGE_MS = 60_000

/**
 * Holds the journals to their grace and their bounds (SEMANTICS rule 5). What leaves a journal by its grace just grows old: it becomes
 * part of the base when the actor has paused, or when its base has aged.
 */
export class Journals {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #walk: Walk
  readonly #state: ActorState
  readonly #digest: Digest
  #happenings = 0
  /** Not fewer events than all journals hold: those of the newest time span, and of one before it that is as long as the grace. */
  #young = { events: 0, until: Number.NEGATIVE_INFINITY }
  #old = { events: 0, until: Number.NEGATIVE_INFINITY }
  /** The oldest entry of each slot, and how many entries there are: kept from when the journals' bound was first reached. */
  #oldest: OldestEntries | undefined
  #entries = 0

  constructor(cycle: CompiledCycle, store: ActorStore) {
    this.#cycle = cycle
    this.#store = store
    this.#state = new ActorState(cycle)
    this.#digest = new Digest(cycle)
    this.#walk = new Walk(cycle, () => {
      this.#happenings += 1
    })
  }

  /** Log time has come to `now`. */
  passTo(now: Instant): void {
    if (this.#oldest !== undefined) this.#expire(this.#oldest, now)
    this.#store.log.forget(now)
  }

  /** Whether an event may still come that changes what an actor in this state has done. The slot's trail is open. */
  isOpen(state: ActorState, now: Instant): boolean {
    const limit = now - this.#cycle.graceMs
    return this.#store.trail.last !== 0 && (state.lastActivity >= limit || state.effective >= limit)
  }

  /** Makes sure that the slot, at rest in `state`, has a base for what comes now. Its trail is open. */
  prepare(slot: number, state: ActorState, now: Instant): void {
    const { trail } = this.#store
    let floor = 0
    if (this.isOpen(state, now)) {
      trail.findBase()
      const isVoid = (trail.flags(trail.base) & IS_SETTLED) !== 0
      if (!isVoid && now - trail.time(trail.base) > this.#cycle.graceMs / 2 + BASE_AGE_MS) this.#settle(slot, now, NEVER, 0)
      if ((trail.flags(trail.base) & IS_SETTLED) === 0) return
      floor = trail.floor
    }
    this.begin(slot, now, floor)
  }

  /** Makes the state at rest of a slot the base of what comes now. Its trail is open, and what stands in it needs no base. */
  begin(slot: number, now: Instant, floor = 0): void {
    this.#store.trail.addBaseAt(this.#store.state(slot), now, floor)
  }

  /** One more event has entered a journal. */
  count(slot: number, time: Instant): void {
    const young = this.#young
    young.events += 1
    young.until = Math.max(young.until, time + this.#cycle.graceMs)
    if (this.#oldest === undefined) return
    this.#entries += 1
    if (time > this.#oldest.timeOf(slot)) return
    const trail = this.#store.openTrail(slot)
    trail.findBase()
    this.#setOldest(this.#oldest, slot, trail.unsettled().events[0])
  }

  /** Holds the journal of a slot to its bound. */
  boundOne(slot: number, now: Instant): void {
    this.#settle(slot, now, this.#cycle.journalMax, 0)
  }

  /** Whether all journals together may hold more than their bound. */
  mayBeFull(now: Instant): boolean {
    return (this.#oldest === undefined ? this.#entriesAtMost(now) : this.#entries) > this.#cycle.journalsMax
  }

  /** Holds all journals together to their bound. */
  boundAll(now: Instant, pushedOut: (slot: number) => void): void {
    const { journalsMax } = this.#cycle
    const oldest = this.#oldest ?? this.#lookAtAll(now)
    while (this.#entries > journalsMax) {
      const { slot } = oldest
      this.pushOut(slot, now)
      pushedOut(slot)
    }
  }

  /** Pushes the oldest entry of a slot's journal out. */
  pushOut(slot: number, now: Instant): void {
    if (this.#store.openTrail(slot).last !== 0) this.#settle(slot, now, NEVER, 1)
  }

  #entriesAtMost(now: Instant): number {
    if (this.#old.until < now) {
      this.#old = this.#young
      this.#young = { events: 0, until: Number.NEGATIVE_INFINITY }
    }
    return this.#old.events + this.#young.events
  }

  #lookAtAll(now: Instant): OldestEntries {
    const { table, states, trail } = this.#store
    const oldest = new OldestEntries(table)
    this.#oldest = oldest
    for (let slot = 0; slot < table.size; slot++) {
      this.#store.openTrail(slot)
      states.read(this.#store.state(slot), this.#state)
      if (!this.isOpen(this.#state, now)) continue
      trail.findBase()
      this.#entries += trail.count
      this.#setOldest(oldest, slot, trail.unsettled().events[0])
    }
    this.#expire(oldest, now)
    return oldest
  }

  #expire(oldest: OldestEntries, now: Instant): void {
    while (oldest.time < now - this.#cycle.graceMs) this.#settle(oldest.slot, now, NEVER, 0)
  }

  /** @param place of the oldest entry of the slot, whose trail is open; undefined where its journal is empty */
  #setOldest(oldest: OldestEntries, slot: number, place: number | undefined): void {
    if (place === undefined) {
      oldest.delete(slot)
      return
    }
    const { trail } = this.#store
    trail.readDigest(place, this.#digest)
    const { id } = this.#digest
    oldest.set(slot, trail.time(place), id.subarray(0, packedLength(id, 0)))
  }

  /** Makes what has left the journal by its grace part of the base, pushes out what is more than `most`, and `push` more. */
  #settle(slot: number, now: Instant, most: number, push: number): void {
    const trail = this.#store.openTrail(slot)
    trail.findBase()
    const limit = now - this.#cycle.graceMs
    const { events, outputs } = trail.unsettled()
    const expired = events.filter((place) => trail.time(place) < limit).length
    const leaving = Math.min(events.length, Math.max(expired + push, events.length - most))
    const newest = events[leaving - 1]
    for (let i = 0; i < leaving; i++) trail.addFlags(events[i] as number, i < expired ? IS_SETTLED : IS_SETTLED | IS_PUSHED)
    const floor = leaving > expired && newest !== undefined ? newest : trail.floor
    const closed = Math.max(limit, floor === newest ? trail.time(floor) : limit)
    if (leaving === events.length && this.#store.states.effective(this.#store.state(slot)) < closed) this.#voidBase(floor)
    else this.#moveBase(slot, now, { leaving: events.slice(0, leaving), staying: events.slice(leaving), outputs, floor })
    this.#store.closeTrail(slot)
    if (this.#oldest === undefined) return
    this.#entries -= leaving
    this.#setOldest(this.#oldest, slot, events[leaving])
  }

  /** No event that may still come stands before anything that was done: the state at rest will be the next base. */
  #voidBase(floor: number): void {
    const { trail } = this.#store
    trail.floor = floor
    trail.count = 0
    trail.addFlags(trail.base, IS_SETTLED)
  }

  #moveBase(slot: number, now: Instant, parts: { leaving: number[]; staying: number[]; outputs: number[]; floor: number }): void {
    const { trail, states } = this.#store
    const { leaving, staying, outputs, floor } = parts
    const pointer = this.#store.state(slot)
    trail.readBase(this.#state)
    this.#happenings = 0
    for (const place of leaving) {
      trail.readDigest(place, this.#digest)
      this.#walk.apply(this.#state, this.#digest)
    }
    // A deadline above the latest one with an effect may not have been looked at yet.
    this.#walk.passTime(this.#state, Math.min(now - this.#cycle.graceMs, states.effective(pointer) + 1))
    for (const place of outputs.slice(0, this.#happenings)) trail.addFlags(place, IS_SETTLED)
    const reach = [...staying, ...outputs.slice(this.#happenings)].reduce((oldest, place) => Math.min(oldest, place), NEVER)
    trail.addBase(states.pack(this.#state), now, { floor, count: staying.length, reach: reach === NEVER ? 0 : reach })
    trail.keep(Math.max(states.lastActivity(pointer), states.effective(pointer)) + this.#cycle.graceMs)
  }
}
