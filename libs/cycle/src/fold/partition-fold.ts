import { type ControlRecord, type Cursor, type Instant, instantOf, type LateReason } from '#contracts'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { CompactEvent } from '../events/compact-event.ts'
import type { EventCompactor } from '../events/event-compactor.ts'
import type { Disposition, FoldEvent } from '../events/fold-event.ts'
import { ActorState } from '../state/actor-state.ts'
import type { PendingOutput } from '../state/pending-output.ts'
import type { RecordChain } from '../state/record-chain.ts'
import type { ActorStore } from './actor-store.ts'
import { Correction } from './correction.ts'
import type { FoldOptions, FoldProgress, FoldSink, RestoreMode } from './fold-options.ts'
import type { Journals } from './journals.ts'
import type { LogTime } from './log-time.ts'
import { buildOutput, type OutputContext, prepareOutput } from './output-builder.ts'
import { PartitionState } from './partition-state.ts'
import { StageEvaluator } from './stage-evaluator.ts'

/**
 * The fold over one partition's log. Decides when deadlines fire (rule 4), which events are late (rule 7), out of order (rule 8) or no
 * activity (rule 11). Deterministic: the same records give the same outputs, whatever the budgets. What it knows is in {@link state},
 * which can be saved after each call: a position with {@link cursor} names the place.
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
  readonly #evaluator: StageEvaluator
  readonly #compact: CompactEvent
  readonly #state: ActorState
  readonly #correction: Correction
  readonly #context: { -readonly [Key in keyof OutputContext]: OutputContext[Key] }
  /** Of the actor whose record or deadline is being applied. */
  readonly #chain: RecordChain
  #actorId = ''
  /** Whether what the present record publishes can still be taken back, and so has to be remembered. */
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

  /** The last deadline that fired since the last record; null if none has. */
  get cursor(): Cursor | null {
    return this.#cursor
  }

  /**
   * Applies the next record of the log, then fires the deadlines that it made due. What is left over from the record before fires first.
   * @param budget how many actors to look at for deadlines
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
   * @param budget how many actors to look at
   * @param through stop behind this one
   * @returns whether something (up to `through`) is left to fire
   */
  fire(budget = Number.POSITIVE_INFINITY, through?: Cursor): FoldProgress {
    const { due, table } = this.#store
    for (let left = budget; due.key < this.#time.now; left--) {
      if (through !== undefined && (due.key > through.deadline || (due.key === through.deadline && this.#isBehind(due.slot, through)))) return 'done'
      if (left <= 0) return 'more'
      const { slot, key: deadline } = due
      if (this.#fire(slot, deadline)) this.#cursor = { deadline, actor: { type: this.cycle.actorType, id: table.id(slot) } }
    }
    return 'done'
  }

  #applyEvent(event: FoldEvent): void {
    const place = this.#time.nextPlace()
    if (this.#restore?.hasTaken(event.actorId) === true) this.#pushOutRecorded(this.#restore)
    else {
      const disposition = this.#decide(event, place)
      this.state.counts[disposition] += 1
      this.#sink.decided?.(event, disposition)
    }
    if (this.#replay || this.#time.inBackfill) this.#advanceTo(event.arrival)
  }

  #applyControl(record: ControlRecord): void {
    if (this.#replay && record.record === 'tick') this.#time.advance(instantOf(record.time))
    else this.#time.apply(record)
    this.#passTime()
  }

  #advanceTo(time: Instant): void {
    this.#time.advance(time)
    this.#passTime()
  }

  #passTime(): void {
    this.#journals.passTo(this.#time.now)
    this.#store.moveTogether()
  }

  #isBehind(slot: number, cursor: Cursor): boolean {
    const other = this.#store.table.find(cursor.actor.id)
    return other >= 0 && this.#store.table.compare(slot, other) > 0
  }

  #decide(event: FoldEvent, place: number): Disposition {
    if (event.actorType !== this.cycle.actorType) return 'other-actor'
    const signals = this.#compactor.signalsOf(event)
    this.state.remarks.sawActor(event.actorId)
    if (signals === 0) {
      this.state.remarks.sawUnmatched(event)
      return 'unmatched'
    }
    this.#compact.begin(event, place)
    const found = this.#store.table.find(event.actorId)
    const mayBeCopy = found >= 0 && this.#store.seen.has(this.#compact.key.hash(found))
    if (mayBeCopy && this.#correction.isCopy(found, this.#compact.key, this.#time.now)) return 'duplicate'
    if (event.time < Math.max(this.#time.now, event.arrival) - this.cycle.graceMs) return this.#refuse(event, 'grace')
    this.#store.states.read(found < 0 ? 0 : this.#store.state(found), this.#state)
    if (this.#isBelowFloor(found, mayBeCopy)) return this.#refuse(event, 'bound')
    this.#compactor.describe(event, signals, this.#compact)
    return this.#place(event, found < 0 ? this.#store.slotOf(event.actorId) : found)
  }

  /** The newest of an actor lies below nothing, unless it is a copy of one that is as new. */
  #isBelowFloor(slot: number, mayBeCopy: boolean): boolean {
    const { time } = this.#compact
    const { lastActivity } = this.#state
    if (time > lastActivity || (time === lastActivity && !mayBeCopy)) return false
    return this.#correction.isBelowFloor(slot, this.#compact, mayBeCopy, this.#time.now)
  }

  #refuse(event: FoldEvent, reason: LateReason): Disposition {
    this.#sink.late?.(event, reason)
    return reason === 'grace' ? 'late-grace' : 'late-bound'
  }

  #place(event: FoldEvent, slot: number): Disposition {
    const state = this.#state
    const { now } = this.#time
    this.#begin(slot, event.actorId, Math.max(now, event.arrival))
    this.#journals.prepare(this.#chain, state, now)
    // Of events at one time the one that is later in the log comes later, and this is the last of all so far.
    const inOrder = event.time >= state.lastActivity && state.effective < event.time
    this.#store.addEvent(this.#chain, this.#compact, now)
    const count = this.#chain.count
    const before = this.#evaluator.nextDeadline(state)
    if (inOrder) this.#evaluator.apply(state, this.#compact)
    else this.#correct(event.id)
    const next = this.#evaluator.passTime(state, now)
    this.#rest(slot)
    // An entry of the queue that is too early costs one check; that is cheaper than moving it at every event.
    if (next < before) this.#store.due.set(slot, next)
    this.#journals.count(slot, event.time, now)
    this.#bound(slot, count)
    return inOrder ? 'applied' : 'out-of-order'
  }

  #begin(slot: number, actorId: string, noticedAt: Instant): void {
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

  #fire(slot: number, deadline: Instant): boolean {
    const { due, states, table } = this.#store
    const state = this.#state
    const { now } = this.#time
    states.read(this.#store.state(slot), state)
    const actual = this.#evaluator.nextDeadline(state)
    if (actual > deadline) {
      due.set(slot, actual)
      return false
    }
    this.#begin(slot, table.id(slot), now)
    // An event of before this deadline may still come within its grace: then the deadline has to be undone, if it has an effect.
    const isOpen = this.#journals.isOpen(this.#chain, state, now)
    if (isOpen) this.#journals.prepare(this.#chain, state, now)
    else this.#remembers = deadline >= now - this.cycle.graceMs ? 'at an effect' : 'no'
    const { effective } = state
    // All of the actor's deadlines at this instant, those that the first ones arm included; times are whole milliseconds.
    due.set(slot, this.#evaluator.passTime(state, deadline + 1))
    if (state.effective !== effective) this.#remember()
    this.#rest(slot)
    return true
  }

  /** The first effect of a deadline: from the state at rest, which is as it was before, it can be undone. */
  #remember(): void {
    if (this.#remembers !== 'at an effect') return
    this.#remembers = 'yes'
    this.#journals.begin(this.#chain, this.#time.now)
  }

  /** Packs the state again. */
  #rest(slot: number): void {
    const store = this.#store
    const state = this.#state
    store.setState(slot, store.states.write(store.state(slot), state))
    if (this.#remembers === 'yes') {
      this.#chain.keep(Math.max(state.lastActivity, state.effective) + this.cycle.graceMs)
      store.closeChain(this.#chain)
    }
  }

  /** @param count events that belong after the actor's base */
  #bound(slot: number, count: number): void {
    const { now } = this.#time
    this.#journals.boundOne(slot, count, now)
    if (this.#restore !== undefined) this.#pushOutRecorded(this.#restore)
    else if (this.#journals.mayBeFull(now)) this.#journals.boundAll(now, (pushed) => this.#sink.pushedOut?.(this.#store.table.id(pushed)))
  }

  #pushOutRecorded(restore: RestoreMode): void {
    for (const actorId of restore.pushOuts()) {
      const slot = this.#store.table.find(actorId)
      if (slot >= 0) this.#journals.pushOut(slot, this.#time.now)
    }
  }

  /** Most events publish nothing, so their actor is spelled out only here. */
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
