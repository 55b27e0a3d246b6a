import { actorTypeOf, type CycleDefinition, definitionDefaults, durationMs, type StageDefinition, type TransitionDefinition } from '#contracts'
import { LocalDays } from '../calendar/local-days.ts'
import { longKey } from '../packed/long-key.ts'
import { compileAddressing } from './addressing.ts'
import { compileComparison } from './comparison.ts'
import { compileMeasure, type MeasureWithoutRecent } from './compile-measure.ts'
import { compileSignal, eventLeaf } from './compile-signal.ts'
import type { CompiledCycle, CompiledMeasure, CompiledRule, CompiledStage, CompiledWarning, Moment, PersonalAbsence } from './compiled-cycle.ts'
import { compileCondition, subjectsOf } from './condition.ts'
import { type EventView, isEventPath } from './event-path.ts'
import { compileReadPaths } from './read-paths.ts'
import { shareOf } from './share-of.ts'

/** Makes a definition ready to run. It must have passed the checks of `readDefinition`. */
export function compileCycle(definition: CycleDefinition): CompiledCycle {
  const names = new Names(definition)
  const days = new LocalDays(definition.timezone ?? definitionDefaults.timezone)
  const unlisted = Object.entries(definition.measures ?? {}).map(([id, measure]) =>
    compileMeasure(measure, { id, days, signalBits: (signals) => names.signalBits(signals) }),
  )
  const { measures, recentSignals } = withRecentEvents(unlisted, definition.transitions)
  const rules = definition.transitions.map((rule, index) => compileRule(rule, index, names))
  const sources = definition.transitions.map((rule) => names.stagesOf(rule.from))
  const leaving = (stage: string): CompiledRule[] => rules.filter((_, index) => sources[index]?.has(stage))
  const stages = [START, ...definition.stages].map((stage) => compileStage(stage, leaving(stage.id), measures))
  const keepsGaps = definition.stages.some((stage) => typeof stage.absence === 'object')
  const readsDays = keepsGaps || measures.some(({ window, readsDays }) => readsDays || window?.isLocal === true)
  const scoped = (scope: string): number[] => measures.flatMap((measure, index) => (measure.scope === scope ? [index] : []))
  return {
    cycle: definition.cycle,
    version: definition.version,
    fingerprint: longKey(effectiveText(definition)),
    actorType: actorTypeOf(definition),
    addressing: compileAddressing(definition),
    days,
    changingZone: readsDays ? days.changingZone : undefined,
    graceMs: durationMs(definition.grace ?? definitionDefaults.grace),
    journalMax: definition.journal ?? definitionDefaults.journal,
    journalsMax: definition.journals ?? definitionDefaults.journals,
    dedupeMs: durationMs(definition.dedupe ?? definitionDefaults.dedupe),
    stages,
    signals: Object.entries(definition.signals).map(([id, signal]) => compileSignal(id, signal)),
    measures,
    rules,
    readPaths: compileReadPaths(definition, (signals) => names.signalBits(signals)),
    eventConditions: names.eventConditions,
    conditionsWithoutEvent: names.eventConditions.reduce((bits, holds, bit) => (holds(NO_EVENT) ? bits | (1 << bit) : bits), 0),
    recentSignals,
    keepsGaps,
    stageScoped: scoped('stage'),
    returnScoped: scoped('return'),
  }
}

// An event in which every path is missing. Its `event` is not a string, which no condition can detect.
const NO_EVENT = { event: undefined } as unknown as EventView

/** Translates names of stages, signals and measures to numbers. */
class Names {
  readonly stageIds: readonly string[]
  readonly eventConditions: ((event: EventView) => boolean)[] = []
  readonly #definition: CycleDefinition
  readonly #signalIds: readonly string[]
  readonly #measureIds: readonly string[]
  readonly #eventConditionBits = new Map<string, number>()

  constructor(definition: CycleDefinition) {
    this.#definition = definition
    this.stageIds = ['start', ...definition.stages.map((stage) => stage.id)]
    this.#signalIds = Object.keys(definition.signals)
    this.#measureIds = Object.keys(definition.measures ?? {})
  }

  /** A bit for each of the named signals; `any` is all of them. */
  signalBits(names: string | readonly string[]): number {
    return [names].flat().reduce((bits, name) => bits | (name === 'any' ? (1 << this.#signalIds.length) - 1 : 1 << this.#signalIds.indexOf(name)), 0)
  }

  measureIndex(id: string): number {
    return this.#measureIds.indexOf(id)
  }

  /** The stages that `from` names, by their ids or by their kinds. */
  stagesOf(from: string | readonly string[]): ReadonlySet<string> {
    const named = [from].flat()
    const kinds = this.#definition.stages.filter((stage) => named.includes(stage.kind)).map((stage) => stage.id)
    return new Set([...named, ...kinds])
  }

  /** The condition of a rule as a closure. Its comparisons with the event are bits, which a compact event has. */
  when(condition: NonNullable<TransitionDefinition['when']>): (moment: Moment) => boolean {
    return compileCondition<Moment>(condition, (subject, comparison) => {
      if (isEventPath(subject)) {
        const bit = this.#eventConditionBit(subject, comparison)
        return (moment) => ((moment.conditions >>> bit) & 1) === 1
      }
      const [index, test] = [this.measureIndex(subject), compileComparison(comparison)]
      return (moment) => test((moment.accumulators[index] as Moment['accumulators'][number]).value(moment.at))
    })
  }

  #eventConditionBit(subject: string, comparison: Parameters<typeof compileComparison>[0]): number {
    const key = JSON.stringify([subject, comparison])
    let bit = this.#eventConditionBits.get(key)
    if (bit === undefined) {
      bit = this.eventConditions.push(eventLeaf(subject, comparison)) - 1
      this.#eventConditionBits.set(key, bit)
    }
    return bit
  }
}

/** Gives each measure that a rule uses its list of recent events; measures of the same signals share one list. */
function withRecentEvents(
  unlisted: readonly MeasureWithoutRecent[],
  transitions: readonly TransitionDefinition[],
): Pick<CompiledCycle, 'measures' | 'recentSignals'> {
  const named = new Set(transitions.flatMap((rule) => (rule.when === undefined ? [] : subjectsOf(rule.when))))
  const recentSignals = [...new Set(unlisted.filter(({ id }) => named.has(id)).map(({ signals }) => signals))]
  const measures = unlisted.map((measure) => ({ ...measure, recent: named.has(measure.id) ? recentSignals.indexOf(measure.signals) : undefined }))
  return { measures, recentSignals }
}

function compileRule(rule: TransitionDefinition, index: number, names: Names): CompiledRule {
  const triggers = [rule.trigger ?? []].flat()
  const subjects = rule.when === undefined ? [] : subjectsOf(rule.when)
  return {
    index,
    id: rule.id,
    to: rule.to === 'previous' ? rule.to : names.stageIds.indexOf(rule.to),
    triggers: names.signalBits(triggers.filter((trigger) => trigger !== 'absence')),
    onAbsence: triggers.includes('absence'),
    afterMs: rule.after === undefined ? 0 : durationMs(rule.after),
    isImmediate: rule.trigger === undefined && rule.after === undefined,
    when: rule.when === undefined ? undefined : names.when(rule.when),
    measures: [...new Set(subjects.filter((subject) => !isEventPath(subject)).map((id) => names.measureIndex(id)))],
    cause: rule.cause,
  }
}

const START = { id: 'start', kind: 'start' } as const

function compileStage(stage: StageDefinition | typeof START, rules: readonly CompiledRule[], measures: readonly CompiledMeasure[]): CompiledStage {
  // Time does not pass in start.
  const rulesInTime = stage.kind === 'start' ? [] : rules
  const immediateRules = rulesInTime.filter((rule) => rule.isImmediate)
  const absenceRule = rulesInTime.find((rule) => rule.onAbsence)?.index
  const windowed = new Set(immediateRules.flatMap((rule) => rule.measures).filter((measure) => measures[measure]?.window !== undefined))
  const absence = 'absence' in stage && absenceRule !== undefined ? stage.absence : undefined
  return {
    id: stage.id,
    kind: stage.kind,
    rules,
    immediateRules,
    afterRules: rulesInTime.filter((rule) => rule.afterMs > 0),
    runOuts: [...windowed],
    absence: absence === undefined ? undefined : compileAbsence(absence),
    warning: absenceRule === undefined ? undefined : compileWarning(stage, absenceRule),
  }
}

function compileWarning(stage: StageDefinition | typeof START, rule: number): CompiledWarning | undefined {
  return 'warning' in stage && stage.warning !== undefined ? { after: shareOf(stage.warning), rule } : undefined
}

function compileAbsence(absence: NonNullable<StageDefinition['absence']>): number | PersonalAbsence {
  if (typeof absence === 'string') return durationMs(absence)
  return { quantile: absence.usual, floorMs: durationMs(absence.floor), ceilingMs: durationMs(absence.ceiling) }
}

/** Keys of stages, signals, measures and rules that have no effect on outcomes. */
const DESCRIPTIVE = new Set(['title', 'description', 'values', 'driver', 'need'])

/** A definition as text, without the keys that have no effect on outcomes: a new title keeps the fingerprint, and so the state. */
function effectiveText({
  scenarios: _scenarios,
  title: _title,
  description: _description,
  stages,
  signals,
  measures,
  transitions,
  ...rest
}: CycleDefinition): string {
  const effective = <Part extends object>(part: Part): object => Object.fromEntries(Object.entries(part).filter(([key]) => !DESCRIPTIVE.has(key)))
  const effectiveAll = (parts: Record<string, object> = {}): [string, object][] => Object.entries(parts).map(([id, part]) => [id, effective(part)])
  return JSON.stringify([rest, stages.map(effective), effectiveAll(signals), effectiveAll(measures), transitions.map(effective)])
}
