import type { StageKind } from '#contracts'
import type { LocalDays } from '../calendar/local-days.ts'
import type { Window } from '../calendar/window.ts'
import type { Accumulator } from '../measures/accumulator.ts'
import type { EventPath, EventView } from './event-path.ts'

/** What a rule's `when` looks at: the measures' values at an instant, and what the event said (bits of the definition's event conditions). */
export interface Moment {
  readonly at: number
  readonly bits: number
  readonly accumulators: readonly Accumulator[]
}

export interface CompiledSignal {
  readonly id: string
  /** Names and patterns, as they are written. */
  readonly events: readonly string[]
  readonly matchesName: (event: string) => boolean
  readonly where: ((event: EventView) => boolean) | undefined
  /** What the `where` compares with numbers. */
  readonly numbers: readonly { readonly path: string; readonly read: EventPath }[]
}

export interface CompiledMeasure {
  readonly id: string
  /** Bits of the signals that it counts; a gauge's both ways. */
  readonly signals: number
  readonly scope: 'stage' | 'return' | 'ever'
  readonly window: Window | undefined
  /** Whether it counts local days, whatever its window is cut in. */
  readonly readsDays: boolean
  /** What the accumulator needs to know of an event; undefined for measures that only count. */
  readonly of: EventPath | undefined
  readonly contributes: 'amount' | 'key' | 'json' | undefined
  /** The index of its list among those of `recentSignals`; undefined if no rule names the measure. */
  readonly recent: number | undefined
  makeAccumulator(): Accumulator
}

export interface CompiledRule {
  /** Its place in the file. */
  readonly index: number
  readonly id: string
  /** The stage entered; `previous` is the active stage that the actor was in last. */
  readonly to: number | 'previous'
  /** Bits of the signals that trigger it. */
  readonly triggers: number
  readonly onAbsence: boolean
  /** Time since entering, or 0. */
  readonly afterMs: number
  /** Without trigger and after: tried in chains and when windows run out. */
  readonly free: boolean
  readonly when: ((moment: Moment) => boolean) | undefined
  /** Measures named by its `when`. */
  readonly measures: readonly number[]
  readonly cause: string | undefined
}

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

export interface CompiledStage {
  readonly id: string
  readonly kind: StageKind | 'start'
  /** In file order. */
  readonly rules: readonly CompiledRule[]
  readonly freeRules: readonly CompiledRule[]
  /** Whether one is spent in this stay is the bit of its place here. */
  readonly afterRules: readonly CompiledRule[]
  /** Windowed measures of the free rules. */
  readonly runOuts: readonly number[]
  /** Only where a rule of the stage names absence. */
  readonly absence: number | PersonalAbsence | undefined
  /** Undefined if the stage publishes no notices. */
  readonly warning: CompiledWarning | undefined
}

/** A definition made ready to run: names are numbers, conditions are closures. Stage 0 is `start`, the others stand in file order from 1. */
export interface CompiledCycle {
  readonly cycle: string
  readonly version: number
  /** Changes with everything in the definition that can change an outcome. */
  readonly fingerprint: string
  readonly actorType: string
  readonly days: LocalDays
  /** The zone whose changes of clocks decide outcomes; undefined where no local day does, or its clocks never change. */
  readonly changingZone: string | undefined
  readonly graceMs: number
  readonly journalMax: number
  readonly journalsMax: number
  readonly dedupeMs: number
  readonly stages: readonly CompiledStage[]
  readonly signals: readonly CompiledSignal[]
  readonly measures: readonly CompiledMeasure[]
  readonly rules: readonly CompiledRule[]
  /** Conditions on the event in `when`s, each a bit of what is remembered of an event. */
  readonly eventConditions: readonly ((event: EventView) => boolean)[]
  /** The bits of those that hold where there is no event. */
  readonly bitsWithoutEvent: number
  /** Signals of each list of recent events. */
  readonly recentSignals: readonly number[]
  /** Whether any stage's absence is personal, so that gaps must be kept. */
  readonly keepsGaps: boolean
  /** Bits of measures (by scope) that begin again on entering a stage, and on a return. */
  readonly stageScoped: readonly number[]
  readonly returnScoped: readonly number[]
}
