import type { MeasureDefinition, MeasureKindName } from '#contracts'
import type { LocalDays } from '../calendar/local-days.ts'
import type { Window } from '../calendar/window.ts'
import type { Accumulator } from './accumulator.ts'

/** The definition of a measure of a kind. */
type DefinitionOf<Name extends MeasureKindName> = Name extends MeasureKindName ? Extract<MeasureDefinition, Record<Name, unknown>> : never

/** The arguments of an accumulator. */
export interface AccumulatorContext {
  /** Undefined if the definition has no `within`. */
  readonly window: Window | undefined
  readonly days: LocalDays
  /** Bits of the signals with these names. */
  readonly signalBits: (names: string | readonly string[]) => number
}

/** One kind of measure, for the fold and the checks. Its schema is in `measureKinds` of contracts. */
export interface MeasureKind<Name extends MeasureKindName = MeasureKindName> {
  /**
   * The type of contributions, which are read at the path of the definition: an amount (a number within ±9·10⁹), a key that is unique for each
   * scalar, or the JSON text of any value. Undefined for kinds that only count.
   */
  readonly contributes?: 'amount' | 'key' | 'json'
  /** Whether all of its values are numbers. */
  readonly isNumber: boolean
  /** Whether it counts local days, independent of the buckets of its window. */
  readonly readsDays?: true
  /**
   * How the value can change when events leave the window: it only falls, it falls or becomes missing, or it rises or falls.
   * Undefined for kinds without a window.
   */
  readonly changeByLeaving?: 'falls' | 'falls or ends' | 'either way'
  accumulator(definition: DefinitionOf<Name>, context: AccumulatorContext): Accumulator
}
