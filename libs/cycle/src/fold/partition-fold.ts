import { type ControlRecord, type Cursor, type Instant, instantOf, type LateReason } from '#contracts'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { CompactEvent } from '../events/compact-event.ts'
import type { EventCompactor } from '../events/event-compactor.ts'
import type { Disposition, FoldEvent } from '../events/fold-event.ts'
import { ActorState } from '../state/actor-state.ts'
import type { PendingOutput } from '../state/pending-output.ts'
import type { RecordChain } from '../state/record-chain.ts'
import type { ActorStore } from './actor-store.ts'
import { AddressedEvents, countsHere } from './addressed-events.ts'
import { Correction } from './correction.ts'
import type { FoldOptions, FoldProgress, FoldSink, Owns, RestoreMode } from './fold-options.ts'
import type { Journals } from './journals.ts'
import { lateBefore } from './lateness.ts'
import type { LogTime } from './log-time.ts'
import { buildOutput, type OutputContext, prepareOutput } from './output-builder.ts'
import { PartitionState } from './partition-state.ts'
import { StageEvaluator } from './stage-evaluator.ts'

/**
 * The fold over one partition's log. Decides when deadlines fire (rule 4), and which events are late (rule 7), out of order (rule 8) or
 * no activity (rule 11). Deterministic: the same records give the same outputs, with any budgets. All of its data is in {@link state},
 * which can be saved after each call; {@link cursor} is the last part of the position.
 */
export class PartitionFold {
  readonly cycle: CompiledCycle
  readonly state: PartitionState
  readonly #store: ActorStore
  readonly #time: LogTime
  readonly #journals: Journals
  readonly #compactor: EventCompactor
  readonly #sink: FoldSink
  readonly #replay: boolean
  readonly #restore: RestoreMode | undefined
  readonly #owns: Owns | undefined
  /** Undefined if events count for those who send them. */
  readonly #addressed: AddressedEvents | undefined
  readonly #evaluator: StageEvaluator
  readonly #compact: CompactEvent
  readonly #state: ActorState
  readonly #correction: Correction
  readonly #context: { -readonly [Key in keyof OutputContext]: OutputContext[Key] }
  /** The chain of the actor of the current record or deadline. */
  readonly #chain: RecordChain
  #actorId = ''
  /** Whether outputs of the current record or deadline can still be retracted, and so are added to the chain. */
  #remembers: 'no' | 'at an effect' | 'yes' = 'no'
  #cursor: Cursor | null = null

  constructor(cycle: CompiledCycle, sink: FoldSink, options: FoldOptions = {}) {
    this.cycle = cycle
    this.state = options.state ?? new PartitionState(cycle, options)
    this.#store = this.state.store
    this.#time = this.state.time
    this.#journals = this.state.journals
    this.#compactor = this.state.compactor
    this.#sink = sink
    this.#chain = this.#store.newChain()
    this.#replay = options.replay ?? false
    this.#restore = options.restore
    this.#owns = options.owns
    const { actorType, addressing } = cycle
    this.#addressed =
      addressing &&
      new AddressedEvents({
        ...{ actorType, addressing, sink, state: this.state, owns: options.owns, restore: options.restore },
        decide: (event, place, signals) => this.#decide(event, place, signals),
      })
    this.#evaluator = new StageEvaluator(cycle, (pending, state, compact) => this.#publish(pending, state, compact))
    this.#compact = new CompactEvent(cycle)
    this.#state = new ActorState(cycle)
    this.#correction = new Correction(cycle, this.#store, this.#journals)
    this.#context = {
      actor: { type: cycle.actorType, id: '' },
      generation: options.generation ?? 1,
      noticedAt: 0,
      origin: 'live',
      historyUntil: 0,
      because: undefined,
    }
  }

  /** The last deadline that fired after the last record; null if none did. */
  get cursor(): Cursor | null {
    return this.#cursor
  }

  /**
   * Fires the deadlines left by the record before, applies the next record of the log, then fires the deadlines that are due.
   * @param budget the most actors to check for deadlines
   */
  apply(record: FoldEvent | ControlRecord, budget = Number.POSITIVE_INFINITY): FoldProgress {
    this.fire()
    this.#cursor = null
    if ('record' in record) this.#applyControl(record)
    else this.#applyEvent(record)
    return this.fire(budget)
  }

  /**
   * Fires deadlines below log time, the smallest (deadline, actor) first.
   * @param budget the most actors to check
   * @param through the last deadline to fire
   * @returns `more` if the budget is used up
   */
  fire(budget = Number.POSITIVE_INFINITY, through?: Cursor): FoldProgress {
    const { due, table } = this.#store
    for (let left = budget; due.key < this.#time.now; left--) {
      if (through !== undefined && (due.key > through.deadline || (due.key === through.deadline && this.#isBehind(due.slot, through)))) return 'done'
      if (left <= 0) return 'more'
      const { slot, key: deadline } = due
      if (this.#fireActor(slot, deadline)) this.#cursor = { deadline, actor: { type: this.cycle.actorType, id: table.id(slot) } }
    }
    return 'done'
  }

  #applyEvent(event: FoldEvent): void {
    if (this.#addressed !== undefined) {
      if (!this.#addressed.apply(event)) return
      // When all addressed actors have the event.
      this.#boundJournals()
    } else if (event.addressed === undefined || countsHere(event, event.actorId, this.#owns)) this.#applyToSender(event)
    else return
    if (this.#replay || this.#time.inBackfill) this.#advanceTime(event.arrival)
  }

  #applyToSender(event: FoldEvent): void {
    const place = this.#time.nextPlace()
    if (this.#restore?.hasApplied(event.actorId) === true) {
      this.#pushOutRecorded(this.#restore)
      return
    }
    const isOther = event.actorType !== this.cycle.actorType
    if (!isOther) this.#compactor.paths.saw(event)
    const signals = isOther ? 0 : this.#compactor.signalsOf(event)
    const disposition = isOther ? 'other-actor' : this.#decide(event, place, signals)
    this.state.counts[disposition] += 1
    this.#sink.decided?.(event, disposition, signals)
    this.#sink.seen?.(event, signals, disposition === 'duplicate')
  }

  #applyControl(record: ControlRecord): void {
    if (this.#replay && record.record === 'tick') this.#time.advanceTo(instantOf(record.time))
    else this.#time.update(record)
    this.#ageJournals()
  }

  #advanceTime(time: Instant): void {
    this.#time.advanceTo(time)
    this.#ageJournals()
  }

  #ageJournals(): void {
    this.#journals.age(this.#time.now)
    this.#store.compactStates()
  }

  #isBehind(slot: number, cursor: Cursor): boolean {
    const other = this.#store.table.find(cursor.actor.id)
    return other >= 0 && this.#store.table.compare(slot, other) > 0
  }

  #decide(event: FoldEvent, place: number, signals: number): Disposition {
    this.state.remarks.sawActor(event.actorId)
    if (signals === 0) {
      this.state.remarks.sawUnmatched(event)
      return 'unmatched'
    }
    this.#compact.begin(event, place)
    const found = this.#store.table.find(event.actorId)
    const mayBeCopy = found >= 0 && this.#store.seen.has(this.#compact.packedId.hash(found))
    if (mayBeCopy && this.#correction.isCopy(found, this.#compact.packedId, this.#time.now)) return 'duplicate'
    if (event.time < lateBefore(this.#time.now, event.arrival, this.cycle.graceMs)) return this.#recordLate(event, 'grace')
    this.#store.states.read(found < 0 ? 0 : this.#store.state(found), this.#state)
    if (this.#isBelowFloor(found, mayBeCopy)) return this.#recordLate(event, 'bound')
    this.#compactor.describe(event, signals, this.#compact)
    return this.#applyToActor(event, found < 0 ? this.#store.slotOf(event.actorId) : found)
  }

  /** The newest event of an actor is never below the floor, unless it may be a copy. */
  #isBelowFloor(slot: number, mayBeCopy: boolean): boolean {
    const { time } = this.#compact
    const { lastActivity } = this.#state
    if (time > lastActivity || (time === lastActivity && !mayBeCopy)) return false
    return this.#correction.isBelowFloor(slot, this.#compact, mayBeCopy, this.#time.now)
  }

  #recordLate(event: FoldEvent, reason: LateReason): Disposition {
    this.#sink.late?.(event, reason)
    return reason === 'grace' ? 'late-grace' : 'late-bound'
  }

  #applyToActor(event: FoldEvent, slot: number): Disposition {
    const state = this.#state
    const { now } = this.#time
    this.#openActor(slot, event.actorId, Math.max(now, event.arrival))
    this.#journals.ensureBase(this.#chain, state, now)
    // Events at one time are in the order of the log, and this is the last event of the log so far.
    const inOrder = event.time >= state.lastActivity && state.lastEffect < event.time
    this.#store.addEvent(this.#chain, this.#compact, now)
    const count = this.#chain.count
    const before = this.#evaluator.nextDeadline(state)
    if (inOrder) this.#evaluator.applyEvent(state, this.#compact)
    else this.#correct(event.id)
    const next = this.#evaluator.passTime(state, now)
    this.#closeActor(slot)
    // A queue entry that is too early costs one check, which is cheaper than moving the entry at every event.
    if (next < before) this.#store.due.set(slot, next)
    this.#journals.countEntry(slot, event.time, now)
    this.#journals.advanceLaggingBase(slot, count, now)
    if (this.#addressed === undefined) this.#boundJournals()
    return inOrder ? 'applied' : 'out-of-order'
  }

  #openActor(slot: number, actorId: string, noticedAt: Instant): void {
    const context = this.#context
    this.#remembers = 'yes'
    this.#actorId = actorId
    context.noticedAt = noticedAt
    context.origin = this.#replay || this.#time.inBackfill ? 'backfill' : 'live'
    context.historyUntil = this.#time.historyUntil
    context.because = undefined
    this.#store.openChain(this.#chain, slot)
  }

  #correct(eventId: string): void {
    this.#context.because = eventId
    for (const output of this.#correction.refold(this.#chain, this.#state, this.#time.now, this.#contextOfActor())) this.#sink.output?.(output)
  }

  #fireActor(slot: number, deadline: Instant): boolean {
    const { due, states, table } = this.#store
    const state = this.#state
    const { now } = this.#time
    states.read(this.#store.state(slot), state)
    const actual = this.#evaluator.nextDeadline(state)
    if (actual > deadline) {
      due.set(slot, actual)
      return false
    }
    this.#openActor(slot, table.id(slot), now)
    // An event before this deadline can still come within its grace. Then the effect of the deadline must be undone.
    const canChange = this.#journals.canChange(this.#chain, state, now)
    if (canChange) this.#journals.ensureBase(this.#chain, state, now)
    else this.#remembers = deadline >= now - this.cycle.graceMs ? 'at an effect' : 'no'
    const { lastEffect } = state
    // Fires all of the actor's deadlines at this instant, also new ones at the same instant. Times are whole milliseconds.
    due.set(slot, this.#evaluator.passTime(state, deadline + 1))
    if (state.lastEffect !== lastEffect) this.#remember()
    this.#closeActor(slot)
    return true
  }

  /** At the first effect of a deadline: makes the stored state, which is the one before the deadline, the base, so that the effect can be undone. */
  #remember(): void {
    if (this.#remembers !== 'at an effect') return
    this.#remembers = 'yes'
    this.#journals.addBase(this.#chain, this.#time.now)
  }

  /** Stores the state and the chain of the actor. */
  #closeActor(slot: number): void {
    const store = this.#store
    const state = this.#state
    store.setState(slot, store.states.write(store.state(slot), state))
    if (this.#remembers === 'yes') {
      this.#chain.keep(Math.max(state.lastActivity, state.lastEffect) + this.cycle.graceMs)
      store.closeChain(this.#chain)
    }
  }

  #boundJournals(): void {
    const { now } = this.#time
    if (this.#restore !== undefined) this.#pushOutRecorded(this.#restore)
    else if (this.#journals.mayBeFull(now)) this.#journals.enforceBound(now, (pushed) => this.#sink.pushedOut?.(this.#store.table.id(pushed)))
  }

  #pushOutRecorded(restore: RestoreMode): void {
    for (const actorId of restore.pushOuts()) {
      const slot = this.#store.table.find(actorId)
      if (slot >= 0) this.#journals.pushOut(slot, this.#time.now)
    }
  }

  /** The actor object is made only for outputs, because most events publish nothing. */
  #contextOfActor(): OutputContext {
    this.#context.actor = { type: this.cycle.actorType, id: this.#actorId }
    return this.#context
  }

  #publish(pending: PendingOutput, state: ActorState, compact: CompactEvent | undefined): void {
    const store = this.#store
    this.#remember()
    const seq = store.seq(this.#chain.slot) + 1
    store.setSeq(this.#chain.slot, seq)
    if (this.#remembers === 'yes') this.#chain.addOutput({ ...pending, seq })
    this.#sink.output?.(buildOutput(this.cycle, prepareOutput(this.cycle, pending, state, compact), seq, this.#contextOfActor()))
  }
}
