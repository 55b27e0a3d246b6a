import type { Instant, Output } from '#contracts'
import type { PackedId } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { CompactEvent } from '../events/compact-event.ts'
import type { ActorState } from '../state/actor-state.ts'
import { IS_OBSOLETE, IS_PUSHED } from '../state/chain-record.ts'
import type { PendingOutput } from '../state/pending-output.ts'
import type { IdSearch, Published, RecordChain } from '../state/record-chain.ts'
import type { ActorStore } from './actor-store.ts'
import { InstantIds } from './instant-ids.ts'
import type { Journals } from './journals.ts'
import { buildOutput, buildRetraction, type OutputContext, type PreparedOutput, prepareOutput } from './output-builder.ts'
import { StageEvaluator } from './stage-evaluator.ts'

const NEVER = Number.POSITIVE_INFINITY
/** In a longer chain the ids of one instant are collected once, so that each copy does not search the chain. */
const STEPS_MAX = 500

/** Whether two outputs say the same: an output that the refold gives again is not retracted. */
const isSame = (a: PendingOutput, b: PendingOutput): boolean => a.kind === b.kind && a.from === b.from && a.to === b.to && a.at === b.at && a.rule === b.rule

/**
 * Copies and events out of order (rules 5 to 10): detects copies and events below the floor; folds the journal of an actor again from
 * its base and gives the differences as retractions and new outputs.
 */
export class Correction {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #journals: Journals
  readonly #evaluator: StageEvaluator
  readonly #compact: CompactEvent
  readonly #chain: RecordChain
  readonly #instant = new InstantIds()
  readonly #search: IdSearch = { address: 0, eventsMet: 0 }
  /** The published outputs that are in effect, oldest first, and how many of them the refold has produced again. */
  #published: readonly Published[] = []
  #confirmed = 0
  #prepared: PreparedOutput[] = []

  constructor(cycle: CompiledCycle, store: ActorStore, journals: Journals) {
    this.#cycle = cycle
    this.#store = store
    this.#chain = store.newChain()
    this.#journals = journals
    this.#compact = new CompactEvent(cycle)
    this.#evaluator = new StageEvaluator(cycle, (pending, state, compact) => {
      if (!this.#confirms(pending)) this.#prepared.push(prepareOutput(cycle, pending, state, compact))
    })
  }

  /** Whether an event's id is in the journal of its actor or among its newest ids. Older records are not read. */
  isCopy(slot: number, id: PackedId, now: Instant): boolean {
    const chain = this.#store.openChain(this.#chain, slot)
    const { dedupeMs, journalMax } = this.#cycle
    const oldest = this.#baseOfJournal(chain, now)
    const search = this.#search
    search.address = chain.last
    search.eventsMet = 0
    for (; chain.findId(id, search, journalMax, oldest); search.address = chain.before(search.address)) {
      // Before the first tick both times are minus infinity, and their difference is not a number.
      if (search.eventsMet <= journalMax && !(now - chain.appliedAt(search.address) > dedupeMs)) return true
      if (search.address >= oldest && this.#isInJournal(chain, search.address, now)) return true
    }
    const listed = oldest === NEVER ? 0 : chain.findListed(id)
    return listed !== 0 && this.#isInJournal(chain, listed, now)
  }

  /** Whether an event of the open chain is in the journal. The base of the chain is known. */
  #isInJournal(chain: RecordChain, address: number, now: Instant): boolean {
    if (chain.time(address) < now - this.#cycle.graceMs) return false
    this.#journals.markPushedOut(chain, now)
    return (chain.flags(address) & IS_PUSHED) === 0
  }

  /** The address of the base. Of the records before it only those that it lists are in the journal. Plus infinity if the journal is empty. */
  #baseOfJournal(chain: RecordChain, now: Instant): number {
    const { states } = this.#store
    const pointer = this.#store.state(chain.slot)
    if (Math.max(states.lastActivity(pointer), states.lastEffect(pointer)) < now - this.#cycle.graceMs) return NEVER
    chain.findBase()
    return (chain.flags(chain.base) & IS_OBSOLETE) === 0 ? chain.base : NEVER
  }

  /**
   * Whether an event is below the floor. An event at the time of the floor is above it, because it is later in the log; a copy of an
   * event that was pushed out is not.
   */
  isBelowFloor(slot: number, compact: CompactEvent, mayBeCopy: boolean, now: Instant): boolean {
    const chain = this.#store.openChain(this.#chain, slot)
    chain.findBase()
    this.#journals.markPushedOut(chain, now)
    const { floor } = chain
    if (floor === 0 || compact.time > chain.time(floor)) return false
    return compact.time < chain.time(floor) || (mayBeCopy && this.#wasPushedOut(chain, compact))
  }

  /** Whether a bound pushed out an event of the open chain with the same id and time. */
  #wasPushedOut(chain: RecordChain, compact: CompactEvent): boolean {
    if (this.#instant.has(chain.slot, compact.time)) return this.#isAmongPushed(chain, compact)
    for (let address = chain.last, steps = 0; address !== 0; address = chain.before(address), steps++) {
      if (steps === STEPS_MAX) return this.#isAmongPushed(chain, compact)
      if ((chain.flags(address) & IS_PUSHED) !== 0 && chain.time(address) === compact.time && chain.hasId(address, compact.idBytes)) return true
    }
    return false
  }

  /** Like {@link #wasPushedOut}, but by the collected ids of that instant. */
  #isAmongPushed(chain: RecordChain, compact: CompactEvent): boolean {
    const address = this.#instant.find(chain, chain.slot, compact)
    return address !== undefined && (chain.flags(address) & IS_PUSHED) !== 0
  }

  /**
   * Folds the journal of the actor of the open chain again, from its base into `state`.
   * @returns the retractions, newest first, then the outputs that replace them, oldest first
   */
  refold(chain: RecordChain, state: ActorState, now: Instant, context: OutputContext): Output[] {
    const { events, outputs } = chain.sinceBase()
    this.#published = outputs.map((address) => chain.output(address))
    this.#confirmed = 0
    this.#prepared = []
    chain.readBase(state)
    for (const address of events) {
      chain.readEvent(address, this.#compact)
      this.#evaluator.applyEvent(state, this.#compact)
    }
    this.#evaluator.passTime(state, now)
    return this.#difference(chain, outputs.slice(this.#confirmed), context)
  }

  /** Whether a pending output is equal to the next published one, which then stays in effect. */
  #confirms(pending: PendingOutput): boolean {
    const published = this.#published[this.#confirmed]
    if (this.#prepared.length > 0 || published === undefined) return false
    const same = isSame(published, pending) && (published.cause === pending.cause || this.#cycle.rules[published.rule]?.cause !== undefined)
    if (same) this.#confirmed += 1
    return same
  }

  #difference(chain: RecordChain, retracted: readonly number[], context: OutputContext): Output[] {
    const { slot } = chain
    const outputs: Output[] = []
    let oldest: Output | undefined
    for (const address of retracted.toReversed()) {
      oldest = buildRetraction(this.#cycle, chain.output(address), this.#nextSeq(slot), context)
      chain.addFlags(address, IS_OBSOLETE)
      outputs.push(oldest)
    }
    for (const prepared of this.#prepared) {
      const seq = this.#nextSeq(slot)
      const output = buildOutput(this.#cycle, prepared, seq, context)
      outputs.push(oldest?.retracts === undefined ? output : { ...output, corrects: oldest.retracts })
      chain.addOutput({ ...prepared.pending, seq })
    }
    return outputs
  }

  #nextSeq(slot: number): number {
    const seq = this.#store.seq(slot) + 1
    this.#store.setSeq(slot, seq)
    return seq
  }
}
