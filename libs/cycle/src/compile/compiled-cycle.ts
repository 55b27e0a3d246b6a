import type { StageKind } from '#contracts'
import type { LocalDays } from '../calendar/local-days.ts'
import type { Window } from '../calendar/window.ts'
import type { Accumulator } from '../measures/accumulator.ts'
import type { Addressing } from './addressing.ts'
import type { EventPath, EventView } from './event-path.ts'
import type { ReadPath } from './read-paths.ts'

/** The input of a rule's `when`: the values of measures at an instant, and the bits of the conditions that hold for the event. */
export interface Moment {
  readonly at: number
  readonly conditions: number
  readonly accumulators: readonly Accumulator[]
}

/** A signal ready to be matched with events. */
export interface CompiledSignal {
  readonly id: string
  /** Names and patterns, as in the definition. */
  readonly events: readonly string[]
  readonly matchesName: (event: string) => boolean
  readonly where: ((event: EventView) => boolean) | undefined
  /** The paths that `where` compares with numbers. */
  readonly numbers: readonly { readonly path: string; readonly read: EventPath }[]
}

/** A measure ready to be kept for an actor. */
export interface CompiledMeasure {
  readonly id: string
  /** Bits of the signals that it counts; of a gauge also those of `minus`. */
  readonly signals: number
  readonly scope: 'stage' | 'return' | 'ever'
  readonly window: Window | undefined
  /** Whether it counts local days, independent of the buckets of its window. */
  readonly readsDays: boolean
  /** The value of an event that the accumulator needs; undefined for measures that only count. */
  readonly of: EventPath | undefined
  /** How that value is kept: see {@link MeasureKind.contributes}. */
  readonly contributes: 'amount' | 'key' | 'json' | undefined
  /** The index of its list among those of `recentSignals`; undefined if no rule names the measure. */
  readonly recent: number | undefined
  makeAccumulator(): Accumulator
}

/** A rule of the definition, with numbers in place of names. */
export interface CompiledRule {
  /** Its index in the file. */
  readonly index: number
  readonly id: string
  /** The stage entered; `previous` is the active stage that the actor was in last. */
  readonly to: number | 'previous'
  /** Bits of the signals that trigger it. */
  readonly triggers: number
  readonly onAbsence: boolean
  /** The time after entering the stage at which it is tried; 0 for none. */
  readonly afterMs: number
  /** Without trigger and after: tried at every event, in chains, and when a window runs out. */
  readonly isImmediate: boolean
  readonly when: ((moment: Moment) => boolean) | undefined
  /** Measures named by its `when`. */
  readonly measures: readonly number[]
  readonly cause: string | undefined
}

/** An absence that follows from the actor's own gaps between active days: their quantile, within two bounds (rule 20). */
export interface PersonalAbsence {
  readonly quantile: number
  readonly floorMs: number
  readonly ceilingMs: number
}

/** When a notice is published, and the rule that it announces. */
export interface CompiledWarning {
  /** The time between the last activity and the notice, for an absence of so many milliseconds. */
  readonly after: (absenceMs: number) => number
  readonly rule: number
}

/** A stage with the rules that lead out of it. */
export interface CompiledStage {
  readonly id: string
  readonly kind: StageKind | 'start'
  /** In file order. */
  readonly rules: readonly CompiledRule[]
  readonly immediateRules: readonly CompiledRule[]
  /** An actor's state has a bit for each: whether it is spent since the actor entered the stage. */
  readonly afterRules: readonly CompiledRule[]
  /** Indexes of the measures with windows that its immediate rules use. */
  readonly runOuts: readonly number[]
  /** Undefined if no rule of the stage names absence. */
  readonly absence: number | PersonalAbsence | undefined
  /** Undefined if the stage publishes no notices. */
  readonly warning: CompiledWarning | undefined
}

/** A definition made ready to run: names are numbers, conditions are closures. Stage 0 is `start`; the others follow in file order from 1. */
export interface CompiledCycle {
  readonly cycle: string
  readonly version: number
  /** A hash of everything in the definition that can change an outcome. */
  readonly fingerprint: string
  readonly actorType: string
  /** Undefined if events count for those who send them. */
  readonly addressing: Addressing | undefined
  readonly days: LocalDays
  /** The time zone, if its changes of offset can change outcomes; undefined if the definition has no local days or the offset is constant. */
  readonly changingZone: string | undefined
  readonly graceMs: number
  readonly journalMax: number
  readonly journalsMax: number
  readonly dedupeMs: number
  readonly stages: readonly CompiledStage[]
  readonly signals: readonly CompiledSignal[]
  readonly measures: readonly CompiledMeasure[]
  readonly rules: readonly CompiledRule[]
  /** The paths at which events are read. */
  readonly readPaths: readonly ReadPath[]
  /** The different conditions on events in rules; each is a bit of a compact event. */
  readonly eventConditions: readonly ((event: EventView) => boolean)[]
  /** The bits of the conditions that hold without an event. */
  readonly conditionsWithoutEvent: number
  /** Signals of each list of recent events. */
  readonly recentSignals: readonly number[]
  /** Whether any stage's absence is personal, so that gaps must be kept. */
  readonly keepsGaps: boolean
  /** Indexes of the measures that begin again on entering a stage, and of those that begin again on a return. */
  readonly stageScoped: readonly number[]
  readonly returnScoped: readonly number[]
}
