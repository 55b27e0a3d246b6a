import type { Instant } from '#contracts'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { CompactEvent } from '../events/compact-event.ts'
import { ActorState } from '../state/actor-state.ts'
import { IS_OBSOLETE, IS_PUSHED } from '../state/chain-record.ts'
import type { RecordChain } from '../state/record-chain.ts'
import type { ActorStore } from './actor-store.ts'
import { OldestEntries } from './oldest-entries.ts'
import { StageEvaluator } from './stage-evaluator.ts'

/** A base advances when it is older than half the grace plus this time: older records cannot be released while a base needs them. */
const BASE_AGE_MS = 60_000
/** A base also advances when as many events as a full journal have left it, but at least this many. */
const LAG_MIN = 32

/** The records that belong after an actor's base: events in the order of their keys, outputs oldest first. */
interface AfterBase {
  readonly events: readonly number[]
  readonly outputs: readonly number[]
  /** The number of events, from the first, that have left the journal because of their age. */
  readonly expired: number
  /** The number of events, from the first, that have left the journal because of their age or a bound. */
  readonly gone: number
}

/**
 * Keeps the journals within the grace and their bounds, and sets the floor (rules 5 and 7). An event that leaves a journal does not
 * become part of the base at once: the base advances when the actor pauses, when the base is old, or when it lags by a full journal. So the
 * cost of a base is shared by many events. Events that the actor's own bound pushes out follow from the keys of its events; they are marked
 * only when that is needed.
 */
export class Journals {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #evaluator: StageEvaluator
  readonly #state: ActorState
  readonly #compact: CompactEvent
  /** For other actors than the one of the current record. */
  readonly #chain: RecordChain
  #pendingOutputs = 0
  /** The base whose journal was marked last (see markPushedOut), and the number of events after it at that time. */
  #marked = { base: 0, count: 0 }
  /** An upper limit of the entries of all journals. Events are counted in two periods; a period is dropped when its newest event is older than the grace. */
  #young = { events: 0, until: Number.NEGATIVE_INFINITY }
  #old = { events: 0, until: Number.NEGATIVE_INFINITY }
  /** Exists after the bound of all journals was first reached. An entry may be out of date: the actor's own bound may have pushed that event out. */
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

  /** Lets entries leave the journals because of their age. @param now log time */
  age(now: Instant): void {
    if (this.#oldest !== undefined) this.#expire(this.#oldest, now)
    this.#store.log.release(now)
  }

  /** Whether a coming event can still change outputs of an actor in this state. @param chain the chain of the actor */
  canChange({ last }: RecordChain, state: ActorState, now: Instant): boolean {
    const limit = now - this.#cycle.graceMs
    return last !== 0 && (state.lastActivity >= limit || state.lastEffect >= limit)
  }

  /** Makes sure that the actor of the open chain, whose stored state is `state`, has a base for its next records. */
  ensureBase(chain: RecordChain, state: ActorState, now: Instant): void {
    let floor = 0
    if (this.canChange(chain, state, now)) {
      chain.findBase()
      const isObsolete = (chain.flags(chain.base) & IS_OBSOLETE) !== 0
      if (!isObsolete && now - chain.time(chain.base) > this.#cycle.graceMs / 2 + BASE_AGE_MS) this.#advanceBase(chain, now)
      if ((chain.flags(chain.base) & IS_OBSOLETE) === 0) return
      floor = chain.floor
    }
    this.addBase(chain, now, floor)
  }

  /** Makes the stored state of an actor the base of its next records. Its chain is open, and no earlier record needs a base. */
  addBase(chain: RecordChain, now: Instant, floor = 0): void {
    chain.addBaseAt(this.#store.state(chain.slot), now, floor)
  }

  /** Counts an event that has entered a journal. @param now log time */
  countEntry(slot: number, time: Instant, now: Instant): void {
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
   * Advances the base of a slot if it lags far behind the journal.
   * @param count events that belong after the base
   */
  advanceLaggingBase(slot: number, count: number, now: Instant): void {
    const { journalMax } = this.#cycle
    if (count < journalMax + Math.max(journalMax, LAG_MIN)) return
    this.#advanceBase(this.#open(slot), now)
  }

  /**
   * Marks the events that the actor's own bound has pushed out, and sets the floor to the newest of them. It may also mark events that have
   * left because of their age; that has no effect, because events of that age are late anyway. The chain is open, and its base is known.
   */
  markPushedOut(chain: RecordChain, now: Instant): void {
    const { base, count } = chain
    if (count <= this.#cycle.journalMax || (base === this.#marked.base && count === this.#marked.count)) return
    this.#marked = { base, count }
    const { events, gone } = this.#afterBase(chain, now)
    this.#markPushed(chain, events, gone)
  }

  /** Whether all journals together may have more entries than their bound. */
  mayBeFull(now: Instant): boolean {
    return (this.#oldest?.entries ?? this.#entriesAtMost(now)) > this.#cycle.journalsMax
  }

  /** Pushes out the oldest entries of all journals until the bound is kept. */
  enforceBound(now: Instant, pushedOut: (slot: number) => void): void {
    const { journalsMax } = this.#cycle
    const oldest = this.#oldest ?? this.#collectOldest(now)
    while (oldest.entries > journalsMax) {
      const { slot, time } = oldest
      const place = oldest.placeOf(slot)
      this.#updateOldest(oldest, this.#open(slot), now)
      // The entry was out of date: another slot may be the oldest now.
      if (oldest.timeOf(slot) !== time || oldest.placeOf(slot) !== place) continue
      this.pushOut(slot, now)
      pushedOut(slot)
    }
  }

  /** Pushes out the oldest entry of a slot's journal. */
  pushOut(slot: number, now: Instant): void {
    const chain = this.#open(slot)
    if (chain.last === 0) return
    chain.findBase()
    const { events, gone } = this.#afterBase(chain, now)
    if (gone === events.length) return
    this.#markPushed(chain, events, gone + 1)
    // At half of the events, so that the cost of a base is shared by many of them.
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
      if (this.canChange(chain, this.#state, now)) this.#updateOldest(oldest, chain, now)
    }
    return oldest
  }

  #expire(oldest: OldestEntries, now: Instant): void {
    while (oldest.time < now - this.#cycle.graceMs) {
      const { slot } = oldest
      this.#advanceBase(this.#open(slot), now)
    }
  }

  /** Updates the queue entry of the slot of the open chain. */
  #updateOldest(oldest: OldestEntries, chain: RecordChain, now: Instant): void {
    chain.findBase()
    const { events, gone } = this.#afterBase(chain, now)
    this.#setOldest(oldest, chain, events.slice(gone))
  }

  /** @param entries the entries of the journal of the open chain */
  #setOldest(oldest: OldestEntries, chain: RecordChain, entries: readonly number[]): void {
    const [first] = entries
    if (first !== undefined) chain.readEvent(first, this.#compact)
    oldest.set(chain.slot, { entries: entries.length, time: this.#compact.time, place: this.#compact.place })
  }

  /** The records that belong after the base of the open chain. */
  #afterBase(chain: RecordChain, now: Instant): AfterBase {
    const { graceMs, journalMax } = this.#cycle
    const { events, outputs } = chain.sinceBase()
    const expired = countWhile(events, (address) => chain.time(address) < now - graceMs)
    const pushed = countWhile(events, (address) => (chain.flags(address) & IS_PUSHED) !== 0)
    return { events, outputs, expired, gone: Math.max(expired, pushed, events.length - journalMax) }
  }

  /** Marks the first `count` events as pushed out, and makes the last of them the floor. */
  #markPushed(chain: RecordChain, events: readonly number[], count: number): void {
    const last = events[count - 1]
    if (last === undefined || (chain.flags(last) & IS_PUSHED) !== 0) return
    for (const address of events.slice(0, count)) chain.addFlags(address, IS_PUSHED)
    chain.floor = last
  }

  /** Makes the events that have left the journal part of the base. The chain is open. */
  #advanceBase(chain: RecordChain, now: Instant): void {
    const { states } = this.#store
    const { slot } = chain
    chain.findBase()
    const afterBase = this.#afterBase(chain, now)
    const { events, expired, gone } = afterBase
    if (gone > expired) this.#markPushed(chain, events, gone)
    for (const address of events.slice(0, gone)) chain.addFlags(address, IS_OBSOLETE)
    const limit = now - this.#cycle.graceMs
    const closedUntil = gone > expired ? chain.time(chain.floor) : limit
    if (gone === events.length && states.lastEffect(this.#store.state(slot)) < closedUntil) this.#markBaseObsolete(chain)
    else this.#moveBase(chain, now, afterBase)
    this.#store.closeChain(chain)
    if (this.#oldest !== undefined) this.#setOldest(this.#oldest, chain, events.slice(gone))
  }

  /** No coming event can change an output any more: the next base will be the stored state. */
  #markBaseObsolete(chain: RecordChain): void {
    chain.count = 0
    chain.addFlags(chain.base, IS_OBSOLETE)
  }

  #moveBase(chain: RecordChain, now: Instant, { events, outputs, gone }: AfterBase): void {
    const { states } = this.#store
    const { floor } = chain
    const pointer = this.#store.state(chain.slot)
    chain.readBase(this.#state)
    this.#pendingOutputs = 0
    for (const address of events.slice(0, gone)) {
      chain.readEvent(address, this.#compact)
      this.#evaluator.applyEvent(this.#state, this.#compact)
    }
    // Not further: the stored state has not examined later deadlines yet.
    this.#evaluator.passTime(this.#state, Math.min(now - this.#cycle.graceMs, states.lastEffect(pointer) + 1))
    for (const address of outputs.slice(0, this.#pendingOutputs)) chain.addFlags(address, IS_OBSOLETE)
    chain.addBase(states.pack(this.#state), now, { floor, events: events.slice(gone), outputs: outputs.slice(this.#pendingOutputs) })
    chain.keep(Math.max(states.lastActivity(pointer), states.lastEffect(pointer)) + this.#cycle.graceMs)
  }
}

/** The number of addresses before the first one for which the test does not hold. */
function countWhile(addresses: readonly number[], holds: (address: number) => boolean): number {
  const first = addresses.findIndex((address) => !holds(address))
  return first < 0 ? addresses.length : first
}
