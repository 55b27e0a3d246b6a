import type { MeasureDefinition, MeasureKindName } from '#contracts'
import type { LocalDays } from '../calendar/local-days.ts'
import type { Window } from '../calendar/window.ts'
import type { Accumulator } from './accumulator.ts'

/** The definition of a measure of a kind. */
type DefinitionOf<Name extends MeasureKindName> = Name extends MeasureKindName ? Extract<MeasureDefinition, Record<Name, unknown>> : never

/** What an accumulator is made with. */
export interface AccumulatorContext {
  /** Undefined where the definition has no `within`. */
  readonly window: Window | undefined
  readonly days: LocalDays
  /** Bits of the signals with these names. */
  readonly signalBits: (names: string | readonly string[]) => number
}

/** What the fold and the checks must know of one kind of measure; its form is a line of `measureKinds` in contracts. */
export interface MeasureKind<Name extends MeasureKindName = MeasureKindName> {
  /**
   * What an event adds, read at the path of the definition: an amount (a number within ±9·10⁹), a key that tells scalars apart, or the JSON
   * text of any value. Undefined where the kind only counts.
   */
  readonly contributes?: 'amount' | 'key' | 'json'
  /** Whether every value that it has is a number. */
  readonly isNumber: boolean
  /** Whether it counts local days, whatever its window is cut in. */
  readonly readsDays?: true
  /**
   * How the value can change when events leave the window: it only falls, it falls or goes missing, or it moves either way.
   * Undefined where the kind has no window.
   */
  readonly asEventsLeave?: 'falls' | 'falls or ends' | 'moves'
  accumulator(definition: DefinitionOf<Name>, context: AccumulatorContext): Accumulator
}
