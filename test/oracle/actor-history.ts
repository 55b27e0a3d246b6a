import {
  type ActivityEvent,
  type CycleDefinition,
  durationMs,
  type MeasureDefinition,
  type StageDefinition,
  type TransitionDefinition,
  type TransitionKind,
} from '#contracts'
import { absenceOf, hasPersonalAbsence } from './absence.ts'
import { holds, type Lookup, subjectsOf, valueAt } from './condition.ts'
import { shareOfMs } from './decimal.ts'
import { type Feature, kindFeatures } from './feature.ts'
import { type Applied, measureValue, nextChangeOf } from './measure.ts'
import { isImmediate, kindOf, namesAbsence, rulesOf, START, stageOf, triggeringSignal } from './rule.ts'

/** A transition or a notice of the effective history; `byTime` if time alone caused it. */
export type HistoryEntry = { kind: TransitionKind | 'notice'; from: string; to: string; at: number; rule: string; cause: string; byTime: boolean }

/** What the rules give for one actor. */
export type ActorHistory = { entries: HistoryEntry[]; stage: string; features: Set<Feature> }

/** The deadlines that are due at one instant. */
type Due = { warning: boolean; absence: boolean; afters: TransitionDefinition[]; runOut: boolean }

/**
 * Computes an actor's history from all its events, which are in the order of their keys. Deadlines fire between the events, and after the last
 * event up to `until`, exclusive.
 */
export function actorHistory(definition: CycleDefinition, events: readonly Applied[], until: number): ActorHistory {
  const walk = new Walk(definition)
  for (const event of events) {
    walk.passTime(event.time)
    walk.apply(event)
  }
  walk.passTime(until)
  return { entries: walk.entries, stage: walk.stage, features: walk.features }
}

/** One actor on its way through the stages, event by event. */
class Walk {
  readonly entries: HistoryEntry[] = []
  readonly features = new Set<Feature>()
  stage = START

  private readonly definition: CycleDefinition
  private readonly events: Applied[] = []
  /** All deadlines before this instant have fired. */
  private examinedTo = Number.NEGATIVE_INFINITY
  private entered = Number.NEGATIVE_INFINITY
  private beforeStage = 0
  private beforeReturn = 0
  private lastActiveStage: string | undefined
  private warnedInSilence = false
  private absenceSpent = false
  private spentAfters: TransitionDefinition[] = []

  constructor(definition: CycleDefinition) {
    this.definition = definition
    this.lastActiveStage = definition.stages.find(({ kind }) => kind === 'active')?.id
  }

  /** Applies an event: first to the measures, then to the rules of the stage in file order; then the chain follows. */
  apply(event: Applied): void {
    this.events.push(event)
    this.examinedTo = event.time
    this.warnedInSilence = false
    this.absenceSpent = false
    const instant = new Instant(this.stage, event.time, event)
    const causeOf = (rule: TransitionDefinition): string | undefined => triggeringSignal(rule, event.signals)
    const rule = this.firstMatch(instant, (candidate) => candidate.after === undefined && causeOf(candidate) !== undefined)
    if (rule === undefined) return
    this.enter(rule, instant, causeOf(rule) ?? '')
    this.chain(instant, (immediate) => causeOf(immediate) ?? '')
  }

  /** Fires the deadlines before `until`, the earliest first. It includes the deadlines that begin in the meantime. */
  passTime(until: number): void {
    for (let at = this.nextDeadline(); at < until; at = this.nextDeadline()) this.fire(at)
  }

  /** Fires everything that is due at one instant, including deadlines that become due at the same instant during its chain. */
  private fire(at: number): void {
    const instant = new Instant(this.stage, at)
    const first = this.dueAt(at)
    if (first.warning) this.notice(at)
    this.examinedTo = at + 1
    for (let due = first; due.absence || due.afters.length > 0 || due.runOut; due = this.dueAt(at)) {
      const isDue = (rule: TransitionDefinition): boolean => (namesAbsence(rule) ? due.absence : due.afters.includes(rule))
      const rule = this.firstMatch(instant, (candidate) => isImmediate(candidate) || isDue(candidate))
      if (rule === undefined) {
        this.markSpent(due)
        continue
      }
      if (isImmediate(rule)) this.features.add('run-out')
      this.enter(rule, instant, isImmediate(rule) ? 'run-out' : namesAbsence(rule) ? 'absence' : 'after')
      this.chain(instant, () => 'run-out')
    }
  }

  private markSpent(due: Due): void {
    if (due.absence || due.afters.length > 0) this.features.add('spent')
    this.absenceSpent ||= due.absence
    this.spentAfters.push(...due.afters)
  }

  private nextDeadline(): number {
    return Math.min(this.warningAt(), this.absenceAt(), ...this.armedAfters().map((rule) => this.afterAt(rule)), this.runOutAt())
  }

  private dueAt(at: number): Due {
    return {
      warning: this.warningAt() === at,
      absence: this.absenceAt() === at,
      afters: this.armedAfters().filter((rule) => this.afterAt(rule) === at),
      runOut: this.runOutAt() === at,
    }
  }

  /** A silence begins with the last activity. A transition that passing time causes does not restart it. */
  private absenceAt(): number {
    const silence = this.silence()
    return silence === undefined || this.absenceSpent ? Number.POSITIVE_INFINITY : Math.max(silence.from + silence.absence, this.entered)
  }

  private warningAt(): number {
    const silence = this.silence()
    const warning = this.stageNow()?.warning
    if (silence === undefined || warning === undefined || this.warnedInSilence) return Number.POSITIVE_INFINITY
    const at = silence.from + shareOfMs(warning, silence.absence)
    return at > this.entered && at < this.absenceAt() ? at : Number.POSITIVE_INFINITY
  }

  /** An absence exists only if a rule of the stage names it. */
  private silence(): { from: number; absence: number } | undefined {
    const stage = this.stageNow()
    const last = this.events.at(-1)
    if (stage === undefined || last === undefined || !this.rules().some(namesAbsence)) return undefined
    const absence = absenceOf(this.definition, stage, this.past())
    return absence === undefined ? undefined : { from: last.time, absence }
  }

  private armedAfters(): TransitionDefinition[] {
    return this.stage === START ? [] : this.rules().filter((rule) => rule.after !== undefined && !this.spentAfters.includes(rule))
  }

  private afterAt(rule: TransitionDefinition): number {
    return this.entered + durationMs(rule.after ?? '')
  }

  private runOutAt(): number {
    if (this.stage === START) return Number.POSITIVE_INFINITY
    const subjects = new Set(
      this.rules()
        .filter(isImmediate)
        .flatMap((rule) => subjectsOf(rule.when)),
    )
    const changes = [...subjects].map((subject) => {
      const measure = this.definition.measures?.[subject]
      return measure === undefined ? undefined : nextChangeOf(this.definition, measure, this.past(), this.examinedTo)
    })
    return Math.min(...changes.map((at) => at ?? Number.POSITIVE_INFINITY))
  }

  /** Follows the immediate rules of each stage that is entered, at the same instant, until none matches. */
  private chain(instant: Instant, causeOf: (rule: TransitionDefinition) => string): void {
    for (let rule = this.firstMatch(instant, isImmediate); rule !== undefined; rule = this.firstMatch(instant, isImmediate)) {
      this.features.add('chain')
      this.enter(rule, instant, causeOf(rule))
    }
  }

  /** A rule into a stage that was visited at this instant does not match. */
  private firstMatch(instant: Instant, isCandidate: (rule: TransitionDefinition) => boolean): TransitionDefinition | undefined {
    const lookup = this.lookupAt(instant)
    return this.rules().find((rule) => {
      if (!isCandidate(rule) || !holds(rule.when, lookup)) return false
      if (instant.visited.includes(this.targetOf(rule))) this.features.add('visited stage')
      return !instant.visited.includes(this.targetOf(rule))
    })
  }

  private enter(rule: TransitionDefinition, instant: Instant, cause: string): void {
    const [from, to] = [this.stage, this.targetOf(rule)]
    const kind = kindOf(this.definition, from, to)
    if (rule.to === 'previous') this.features.add('previous')
    this.note({ kind, from, to, at: instant.at, rule: rule.id, cause: rule.cause ?? cause, byTime: instant.event === undefined })
    instant.visited.push(to)
    this.stage = to
    this.entered = instant.at
    this.beforeStage = this.events.length
    if (kind === 'return') this.beforeReturn = this.events.length
    if (stageOf(this.definition, to)?.kind === 'active') this.lastActiveStage = to
    this.absenceSpent = false
    this.spentAfters = []
  }

  private notice(at: number): void {
    this.warnedInSilence = true
    this.features.add('warning')
    const rule = this.rules().find(namesAbsence)?.id ?? ''
    this.note({ kind: 'notice', from: this.stage, to: this.stage, at, rule, cause: 'absence', byTime: true })
  }

  private note(entry: HistoryEntry): void {
    this.entries.push(entry)
    const personal = typeof this.stageNow()?.absence === 'object' && hasPersonalAbsence(this.definition, this.past())
    if (personal && entry.cause === 'absence') this.features.add('personal')
  }

  private targetOf(rule: TransitionDefinition): string {
    return rule.to === 'previous' ? (this.lastActiveStage ?? START) : rule.to
  }

  private lookupAt({ at, event }: Instant): Lookup {
    return (subject) => {
      const measure = this.definition.measures?.[subject]
      if (measure !== undefined) return this.valueOf(measure, at)
      return event === undefined ? undefined : valueAt(event.event as ActivityEvent, subject)
    }
  }

  private valueOf(measure: MeasureDefinition, at: number): unknown {
    const value = measureValue(this.definition, measure, this.past(), at)
    const compared = kindFeatures.find((kind) => kind in measure)
    if (value !== undefined && compared !== undefined) this.features.add(compared)
    return value
  }

  private past() {
    return { events: this.events, beforeStage: this.beforeStage, beforeReturn: this.beforeReturn }
  }

  private rules(): TransitionDefinition[] {
    return rulesOf(this.definition, this.stage)
  }

  private stageNow(): StageDefinition | undefined {
    return stageOf(this.definition, this.stage)
  }
}

/** The instant of an event or a deadline, with the stages visited at it, including the first one. */
class Instant {
  readonly visited: string[]
  readonly at: number
  readonly event: Applied | undefined

  constructor(stage: string, at: number, event?: Applied) {
    this.visited = [stage]
    this.at = at
    this.event = event
  }
}
