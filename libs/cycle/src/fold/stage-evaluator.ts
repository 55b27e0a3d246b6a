import type { Instant, OutputKind } from '#contracts'
import { DAY_MS } from '../calendar/local-days.ts'
import type { CompiledCycle, CompiledMeasure, CompiledRule, CompiledStage, CompiledWarning, Moment, PersonalAbsence } from '../compile/compiled-cycle.ts'
import type { CompactEvent } from '../events/compact-event.ts'
import { type ActorState, GAPS_MAX } from '../state/actor-state.ts'
import { CAUSE_ABSENCE, CAUSE_AFTER, CAUSE_RUN_OUT, type PendingOutput } from '../state/pending-output.ts'

const NEVER = Number.POSITIVE_INFINITY

/** Called for each pending output before the state changes. `compact` is undefined for outputs of passing time. */
export type OnPendingOutput = (pending: PendingOutput, state: ActorState, compact: CompactEvent | undefined) => void

/**
 * Moves one actor through the stages of the cycle: rules 12 to 14, 17 and 20. It does not know logs, journals or other actors; its caller
 * applies events in the order of their keys.
 */
export class StageEvaluator {
  readonly #cycle: CompiledCycle
  readonly #onPending: OnPendingOutput
  readonly #moment: { at: number; conditions: number; accumulators: Moment['accumulators'] } = { at: 0, conditions: 0, accumulators: [] }
  /** What makes rules match: the signals of an event, or the absence and the `after` rules of a deadline. In a chain none of these is set. */
  readonly #due = { signals: 0, absence: false, after: 0 }

  constructor(cycle: CompiledCycle, onPending: OnPendingOutput) {
    this.#cycle = cycle
    this.#onPending = onPending
  }

  /** The next deadline of an actor; plus infinity if it has none. */
  nextDeadline(state: ActorState): Instant {
    const stage = this.#cycle.stages[state.stage] as CompiledStage
    const absence = this.#absenceDeadline(state, stage)
    let next = Math.min(absence, this.#warningDeadline(state, stage, absence))
    const { afterRules, runOuts } = stage
    for (let i = 0; i < afterRules.length; i++)
      if (((state.spentAfter >>> i) & 1) === 0) next = Math.min(next, state.entered + (afterRules[i] as CompiledRule).afterMs)
    for (let i = 0; i < runOuts.length; i++) next = Math.min(next, this.#runOut(state, runOuts[i] as number))
    return next
  }

  /** Fires all deadlines below `limit`, earliest first. @returns the next deadline */
  passTime(state: ActorState, limit: Instant): Instant {
    let deadline = this.nextDeadline(state)
    for (; deadline < limit; deadline = this.nextDeadline(state)) this.#fireAt(state, deadline)
    return deadline
  }

  /** Fires the deadlines below the time of an event, then applies the event. */
  applyEvent(state: ActorState, compact: CompactEvent): void {
    const { time } = compact
    this.passTime(state, time)
    state.visitedAt = Number.NEGATIVE_INFINITY
    state.examined = time - 1
    this.#noteActivity(state, time)
    this.#addToMeasures(state, compact)
    const due = this.#due
    due.signals = compact.signals
    due.absence = false
    due.after = 0
    this.#setMoment(state, time, compact.conditions)
    let visited = 1 << state.stage
    for (let rule = this.#match(state, visited); rule !== undefined; rule = this.#match(state, visited)) {
      this.#enter(state, rule, { at: time, cause: causeOf(rule, compact.signals), compact })
      visited |= 1 << state.stage
      due.signals = 0
    }
  }

  #noteActivity(state: ActorState, time: Instant): void {
    if (this.#cycle.keepsGaps && state.lastActivity !== Number.NEGATIVE_INFINITY) {
      const gap = this.#cycle.days.dayOf(time) - this.#cycle.days.dayOf(state.lastActivity)
      if (gap > 0) state.gaps.push(gap)
      if (state.gaps.length > GAPS_MAX) state.gaps.shift()
    }
    state.lastActivity = time
    state.warned = false
    state.absenceSpent = false
  }

  #addToMeasures(state: ActorState, compact: CompactEvent): void {
    const { measures, recentSignals } = this.#cycle
    for (let i = 0; i < measures.length; i++)
      if (((measures[i] as CompiledMeasure).signals & compact.signals) !== 0)
        state.accumulators[i]?.add(compact.time, compact.signals, compact.contributions[i])
    for (let i = 0; i < recentSignals.length; i++)
      if (((recentSignals[i] as number) & compact.signals) !== 0) state.recentEvents[i]?.add(compact.time, compact.idBytes)
  }

  #setMoment(state: ActorState, at: Instant, conditions: number): void {
    this.#moment.at = at
    this.#moment.conditions = conditions
    this.#moment.accumulators = state.accumulators
  }

  /** The first rule of the stage, in file order, that is due, holds, and leads to a stage not yet visited at this instant. */
  #match(state: ActorState, visited: number): CompiledRule | undefined {
    const { rules } = this.#cycle.stages[state.stage] as CompiledStage
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as CompiledRule
      if (!this.#isDue(rule, state) || ((visited >>> this.#target(state, rule)) & 1) === 1) continue
      if (rule.when === undefined || rule.when(this.#moment)) return rule
    }
    return undefined
  }

  #isDue(rule: CompiledRule, state: ActorState): boolean {
    const due = this.#due
    if (rule.isImmediate || (rule.triggers & due.signals) !== 0 || (rule.onAbsence && due.absence)) return true
    if (due.after === 0 || rule.afterMs === 0) return false
    const index = (this.#cycle.stages[state.stage] as CompiledStage).afterRules.indexOf(rule)
    return ((due.after >>> index) & 1) === 1
  }

  #target(state: ActorState, rule: CompiledRule): number {
    if (rule.to !== 'previous') return rule.to
    return state.previous > 0 ? state.previous : this.#cycle.stages.findIndex((stage) => stage.kind === 'active')
  }

  #enter(state: ActorState, rule: CompiledRule, by: { at: Instant; cause: number; compact: CompactEvent | undefined }): void {
    const { stages } = this.#cycle
    const { at, cause, compact } = by
    const to = this.#target(state, rule)
    const kind = kindOf(stages[state.stage] as CompiledStage, stages[to] as CompiledStage, to > state.stage)
    this.#onPending({ kind, from: state.stage, to, rule: rule.index, cause, at }, state, compact)
    state.stage = to
    state.entered = at
    state.spentAfter = 0
    state.absenceSpent = false
    if (stages[to]?.kind === 'active') state.previous = to
    this.#restart(state, 'stage', this.#cycle.stageScoped)
    if (kind === 'return') this.#restart(state, 'return', this.#cycle.returnScoped)
  }

  #restart(state: ActorState, scope: 'stage' | 'return', measures: readonly number[]): void {
    for (let i = 0; i < measures.length; i++) state.accumulators[measures[i] as number]?.reset()
    for (let i = 0; i < state.recentEvents.length; i++) state.recentEvents[i]?.restart(scope)
  }

  /** Fires a deadline of the actor: first the notice, then one rule, then the chain. */
  #fireAt(state: ActorState, at: Instant): void {
    const stage = this.#cycle.stages[state.stage] as CompiledStage
    const absence = this.#absenceDeadline(state, stage)
    const absenceDue = absence === at
    const warningDue = this.#warningDeadline(state, stage, absence) === at
    let afterDue = 0
    for (let i = 0; i < stage.afterRules.length; i++)
      if (((state.spentAfter >>> i) & 1) === 0 && state.entered + (stage.afterRules[i] as CompiledRule).afterMs === at) afterDue |= 1 << i
    const runOutDue = stage.runOuts.some((measure) => this.#runOut(state, measure) === at)
    if (state.visitedAt !== at) {
      state.visitedAt = at
      state.visited = 1 << state.stage
    }
    state.examined = at
    if (warningDue && stage.warning !== undefined) this.#warn(state, stage.warning, at)
    if (absenceDue || afterDue !== 0 || runOutDue) this.#tryRules(state, at, absenceDue, afterDue)
  }

  #warn(state: ActorState, warning: CompiledWarning, at: Instant): void {
    this.#onPending({ kind: 'notice', from: state.stage, to: state.stage, rule: warning.rule, cause: CAUSE_ABSENCE, at }, state, undefined)
    state.warned = true
    state.lastEffect = at
  }

  #tryRules(state: ActorState, at: Instant, absenceDue: boolean, afterDue: number): void {
    const due = this.#due
    due.signals = 0
    due.absence = absenceDue
    due.after = afterDue
    this.#setMoment(state, at, this.#cycle.conditionsWithoutEvent)
    let rule = this.#match(state, state.visited)
    if (rule === undefined) {
      state.spentAfter |= afterDue
      state.absenceSpent ||= absenceDue
      if (afterDue !== 0 || absenceDue) state.lastEffect = at
      return
    }
    let cause = rule.onAbsence && absenceDue ? CAUSE_ABSENCE : rule.isImmediate ? CAUSE_RUN_OUT : CAUSE_AFTER
    for (; rule !== undefined; rule = this.#match(state, state.visited)) {
      this.#enter(state, rule, { at, cause, compact: undefined })
      state.visited |= 1 << state.stage
      due.absence = false
      due.after = 0
      cause = CAUSE_RUN_OUT
    }
    state.lastEffect = at
  }

  #absenceDeadline(state: ActorState, stage: CompiledStage): Instant {
    if (stage.absence === undefined || state.absenceSpent) return NEVER
    return Math.max(state.lastActivity + this.#absenceMs(state, stage.absence), state.entered)
  }

  #warningDeadline(state: ActorState, stage: CompiledStage, absence: Instant): Instant {
    if (stage.warning === undefined || state.warned || absence === NEVER || stage.absence === undefined) return NEVER
    const at = state.lastActivity + stage.warning.after(this.#absenceMs(state, stage.absence))
    return at > state.entered && at < absence ? at : NEVER
  }

  #absenceMs(state: ActorState, absence: number | PersonalAbsence): number {
    if (typeof absence === 'number') return absence
    const { quantile, floorMs, ceilingMs } = absence
    if (state.gaps.length < GAPS_KNOWN_MIN) return ceilingMs
    const sorted = [...state.gaps].sort((a, b) => a - b)
    // The margin corrects the error of doubles: 0.1 × 30 is slightly above 3.
    const rank = Math.max(Math.ceil(quantile * sorted.length - 1e-9), 1)
    const usual = (sorted[rank - 1] as number) * DAY_MS
    return Math.min(Math.max(usual, floorMs), ceilingMs)
  }

  #runOut(state: ActorState, measure: number): Instant {
    return state.accumulators[measure]?.runOut?.(state.examined) ?? NEVER
  }
}

/** With fewer gaps the usual gap is not known. */
const GAPS_KNOWN_MIN = 5

/** The first signal of the event, in file order, that the rule's trigger names; for an immediate rule the first signal of the event. */
function causeOf(rule: CompiledRule, eventSignals: number): number {
  const signals = rule.isImmediate ? eventSignals : rule.triggers & eventSignals
  return 31 - Math.clz32(signals & -signals)
}

function kindOf(from: CompiledStage, to: CompiledStage, isForward: boolean): OutputKind {
  if (from.kind === 'start') return 'advance'
  if (to.kind === 'lapsed') return 'disengage'
  if (from.kind === 'lapsed') return 'return'
  if (from.kind === 'returned' && to.kind === 'active') return 'resume'
  return isForward ? 'advance' : 'regress'
}
