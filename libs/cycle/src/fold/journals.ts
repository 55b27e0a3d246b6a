import type { Instant } from '#contracts'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { CompactEvent } from '../events/compact-event.ts'
import { ActorState } from '../state/actor-state.ts'
import { IS_OBSOLETE, IS_PUSHED } from '../state/chain-record.ts'
import type { RecordChain } from '../state/record-chain.ts'
import type { ActorStore } from './actor-store.ts'
import { OldestEntries } from './oldest-entries.ts'
import { StageEvaluator } from './stage-evaluator.ts'

/** A base older than this and half the grace is looked at: it and the grace before it hold the log until the grace after it has passed. */
const BASE_AGE_MS = 60_000
/** At least so many events leave a full journal before its base moves. */
const LAG_MIN = 32

/** What belongs after an actor's base: events in the order of their keys, outputs oldest first. */
interface Rest {
  readonly events: readonly number[]
  readonly outputs: readonly number[]
  /** So many events, the first, have left the journal by their grace. */
  readonly expired: number
  /** So many are gone from it, by their grace or by a bound. */
  readonly gone: number
}

/**
 * Holds the journals to their grace and their bounds (rule 5). What leaves a journal just grows old: it becomes part of the base
 * when the actor has paused, when its base has aged, or when as many events have left as may stay. So a busy actor pays for its base once
 * in many events. What has left by the actor's own bound follows from the keys of its events alone, and is looked up only when somebody asks.
 */
export class Journals {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #evaluator: StageEvaluator
  readonly #state: ActorState
  readonly #compact: CompactEvent
  /** For what concerns other actors than the one whose record is being applied. */
  readonly #chain: RecordChain
  #pendingOutputs = 0
  /** The base that was looked at last for what its actor's bound has pushed out, and how many events belonged after it. */
  #marked = { base: 0, count: 0 }
  /** Not fewer events than all journals hold: those of the newest time span, and of one before it that is as long as the grace. */
  #young = { events: 0, until: Number.NEGATIVE_INFINITY }
  #old = { events: 0, until: Number.NEGATIVE_INFINITY }
  /** Kept from when the journals' bound was first reached. A slot may stand in it by an entry that the actor's own bound pushed out since. */
  #oldest: OldestEntries | undefined

  constructor(cycle: CompiledCycle, store: ActorStore) {
    this.#cycle = cycle
    this.#store = store
    this.#chain = store.newChain()
    this.#state = new ActorState(cycle)
    this.#compact = new CompactEvent(cycle)
    this.#evaluator = new StageEvaluator(cycle, () => {
      this.#pendingOutputs += 1
    })
  }

  /** Log time has come to `now`. */
  passTo(now: Instant): void {
    if (this.#oldest !== undefined) this.#expire(this.#oldest, now)
    this.#store.log.forget(now)
  }

  /** Whether an event may still come that changes what an actor in this state has done. The slot's chain is open. */
  isOpen({ last }: RecordChain, state: ActorState, now: Instant): boolean {
    const limit = now - this.#cycle.graceMs
    return last !== 0 && (state.lastActivity >= limit || state.effective >= limit)
  }

  /** Makes sure that the slot, at rest in `state`, has a base for what comes now. Its chain is open. */
  prepare(chain: RecordChain, state: ActorState, now: Instant): void {
    let floor = 0
    if (this.isOpen(chain, state, now)) {
      chain.findBase()
      const isVoid = (chain.flags(chain.base) & IS_OBSOLETE) !== 0
      if (!isVoid && now - chain.time(chain.base) > this.#cycle.graceMs / 2 + BASE_AGE_MS) this.#advanceBase(chain, now)
      if ((chain.flags(chain.base) & IS_OBSOLETE) === 0) return
      floor = chain.floor
    }
    this.begin(chain, now, floor)
  }

  /** Makes the state at rest of a slot the base of what comes now. Its chain is open, and what stands in it needs no base. */
  begin(chain: RecordChain, now: Instant, floor = 0): void {
    chain.addBaseAt(this.#store.state(chain.slot), now, floor)
  }

  /** One more event has entered a journal. `now` is log time. */
  count(slot: number, time: Instant, now: Instant): void {
    const young = this.#young
    young.events += 1
    young.until = Math.max(young.until, time + this.#cycle.graceMs)
    const oldest = this.#oldest
    if (oldest === undefined) return
    if (time >= oldest.timeOf(slot)) {
      oldest.join(slot, this.#cycle.journalMax)
      return
    }
    this.#updateOldest(oldest, this.#open(slot), now)
  }

  /**
   * Moves the base of a slot where it lags far behind its journal.
   * @param count events that belong after the base
   */
  boundOne(slot: number, count: number, now: Instant): void {
    const { journalMax } = this.#cycle
    if (count < journalMax + Math.max(journalMax, LAG_MIN)) return
    this.#advanceBase(this.#open(slot), now)
  }

  /**
   * Marks the events that the actor's own bound has pushed out, and moves the floor to the newest of them. It may mark what has left by its
   * grace as well, which changes nothing: below the grace all is late. The slot's chain is open and has its base.
   */
  markPushedOut(chain: RecordChain, now: Instant): void {
    const { base, count } = chain
    if (count <= this.#cycle.journalMax || (base === this.#marked.base && count === this.#marked.count)) return
    this.#marked = { base, count }
    const { events, gone } = this.#rest(chain, now)
    this.#push(chain, events, gone)
  }

  /** Whether all journals together may hold more than their bound. */
  mayBeFull(now: Instant): boolean {
    return (this.#oldest?.entries ?? this.#entriesAtMost(now)) > this.#cycle.journalsMax
  }

  /** Holds all journals together to their bound. */
  boundAll(now: Instant, pushedOut: (slot: number) => void): void {
    const { journalsMax } = this.#cycle
    const oldest = this.#oldest ?? this.#collectOldest(now)
    while (oldest.entries > journalsMax) {
      const { slot, time } = oldest
      const place = oldest.placeOf(slot)
      this.#updateOldest(oldest, this.#open(slot), now)
      if (oldest.timeOf(slot) !== time || oldest.placeOf(slot) !== place) continue
      this.pushOut(slot, now)
      pushedOut(slot)
    }
  }

  /** Pushes the oldest entry of a slot's journal out. */
  pushOut(slot: number, now: Instant): void {
    const chain = this.#open(slot)
    if (chain.last === 0) return
    chain.findBase()
    const { events, gone } = this.#rest(chain, now)
    if (gone === events.length) return
    this.#push(chain, events, gone + 1)
    if (2 * (gone + 1) >= events.length) this.#advanceBase(chain, now)
    else if (this.#oldest !== undefined) this.#setOldest(this.#oldest, chain, events.slice(gone + 1))
  }

  #open(slot: number): RecordChain {
    return this.#store.openChain(this.#chain, slot)
  }

  #entriesAtMost(now: Instant): number {
    if (this.#old.until < now) {
      this.#old = this.#young
      this.#young = { events: 0, until: Number.NEGATIVE_INFINITY }
    }
    return this.#old.events + this.#young.events
  }

  #collectOldest(now: Instant): OldestEntries {
    const { table, states } = this.#store
    const oldest = new OldestEntries(table)
    this.#oldest = oldest
    for (let slot = 0; slot < table.size; slot++) {
      const chain = this.#open(slot)
      states.read(this.#store.state(slot), this.#state)
      if (this.isOpen(chain, this.#state, now)) this.#updateOldest(oldest, chain, now)
    }
    return oldest
  }

  #expire(oldest: OldestEntries, now: Instant): void {
    while (oldest.time < now - this.#cycle.graceMs) {
      const { slot } = oldest
      this.#advanceBase(this.#open(slot), now)
    }
  }

  /** Puts a slot, whose chain is open, where the oldest entry of its journal belongs. */
  #updateOldest(oldest: OldestEntries, chain: RecordChain, now: Instant): void {
    chain.findBase()
    const { events, gone } = this.#rest(chain, now)
    this.#setOldest(oldest, chain, events.slice(gone))
  }

  /** @param entries of the slot's journal, whose chain is open */
  #setOldest(oldest: OldestEntries, chain: RecordChain, entries: readonly number[]): void {
    const [first] = entries
    if (first !== undefined) chain.readEvent(first, this.#compact)
    oldest.set(chain.slot, { entries: entries.length, time: this.#compact.time, place: this.#compact.place })
  }

  /** What belongs after the base of the open chain. */
  #rest(chain: RecordChain, now: Instant): Rest {
    const { graceMs, journalMax } = this.#cycle
    const { events, outputs } = chain.sinceBase()
    const expired = firstNot(events, (address) => chain.time(address) < now - graceMs)
    const pushed = firstNot(events, (address) => (chain.flags(address) & IS_PUSHED) !== 0)
    return { events, outputs, expired, gone: Math.max(expired, pushed, events.length - journalMax) }
  }

  /** The first `count` events have left the journal; from now on nothing takes its place below the last of them. */
  #push(chain: RecordChain, events: readonly number[], count: number): void {
    const last = events[count - 1]
    if (last === undefined || (chain.flags(last) & IS_PUSHED) !== 0) return
    for (const address of events.slice(0, count)) chain.addFlags(address, IS_PUSHED)
    chain.floor = last
  }

  /** Makes what has left the journal part of the base. The slot's chain is open. */
  #advanceBase(chain: RecordChain, now: Instant): void {
    const { states } = this.#store
    const { slot } = chain
    chain.findBase()
    const rest = this.#rest(chain, now)
    const { events, expired, gone } = rest
    if (gone > expired) this.#push(chain, events, gone)
    for (const address of events.slice(0, gone)) chain.addFlags(address, IS_OBSOLETE)
    const limit = now - this.#cycle.graceMs
    const closed = gone > expired ? chain.time(chain.floor) : limit
    if (gone === events.length && states.effective(this.#store.state(slot)) < closed) this.#voidBase(chain)
    else this.#moveBase(chain, now, rest)
    this.#store.closeChain(chain)
    if (this.#oldest !== undefined) this.#setOldest(this.#oldest, chain, events.slice(gone))
  }

  /** No event that may still come stands before anything that was done: the state at rest will be the next base. */
  #voidBase(chain: RecordChain): void {
    chain.count = 0
    chain.addFlags(chain.base, IS_OBSOLETE)
  }

  #moveBase(chain: RecordChain, now: Instant, { events, outputs, gone }: Rest): void {
    const { states } = this.#store
    const { floor } = chain
    const pointer = this.#store.state(chain.slot)
    chain.readBase(this.#state)
    this.#pendingOutputs = 0
    for (const address of events.slice(0, gone)) {
      chain.readEvent(address, this.#compact)
      this.#evaluator.apply(this.#state, this.#compact)
    }
    // A deadline above the latest one with an effect may not have been looked at yet.
    this.#evaluator.passTime(this.#state, Math.min(now - this.#cycle.graceMs, states.effective(pointer) + 1))
    for (const address of outputs.slice(0, this.#pendingOutputs)) chain.addFlags(address, IS_OBSOLETE)
    chain.addBase(states.pack(this.#state), now, { floor, events: events.slice(gone), outputs: outputs.slice(this.#pendingOutputs) })
    chain.keep(Math.max(states.lastActivity(pointer), states.effective(pointer)) + this.#cycle.graceMs)
  }
}

/** How many addresses stand in front of the first for which something does not hold. */
function firstNot(addresses: readonly number[], holds: (address: number) => boolean): number {
  const first = addresses.findIndex((address) => !holds(address))
  return first < 0 ? addresses.length : first
}
