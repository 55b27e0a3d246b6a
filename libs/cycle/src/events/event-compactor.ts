import type { CompiledCycle, CompiledMeasure, CompiledSignal } from '../compile/compiled-cycle.ts'
import type { EventView } from '../compile/event-path.ts'
import type { Contribution } from '../measures/accumulator.ts'
import { longKey } from '../packed/long-key.ts'
import { PathCounts } from '../remarks/path-counts.ts'
import { Remarks } from '../remarks/remarks.ts'
import type { CompactEvent } from './compact-event.ts'

/** For how many event names the signals that may match them are remembered. */
const NAMES_REMEMBERED_MAX = 10_000

/** Finds the signals of an event and makes the event compact. */
export class EventCompactor {
  readonly #cycle: CompiledCycle
  /** For each event name, the signals that match the name. */
  readonly #candidates = new Map<string, readonly number[]>()
  /** The measures that need a value of the event. */
  readonly #contributing: readonly number[]
  readonly remarks: Remarks
  readonly paths: PathCounts

  constructor(cycle: CompiledCycle) {
    this.#cycle = cycle
    this.remarks = new Remarks(cycle)
    this.paths = new PathCounts(cycle)
    this.#contributing = cycle.measures.flatMap((measure, index) => (measure.of === undefined ? [] : [index]))
  }

  /** Bits of the signals that match an event; 0 if none does. */
  signalsOf(event: EventView): number {
    const candidates = this.#candidates.get(event.event) ?? this.#candidatesOf(event.event)
    let signals = 0
    for (let i = 0; i < candidates.length; i++) {
      const bit = candidates[i] as number
      const { where } = this.#cycle.signals[bit] as CompiledSignal
      if (where === undefined || where(event)) signals |= 1 << bit
    }
    return signals
  }

  /** Fills in the values of the event that rules and measures need. */
  describe(event: EventView, signals: number, compact: CompactEvent): void {
    const { eventConditions, measures } = this.#cycle
    compact.signals = signals
    compact.conditions = 0
    for (let bit = 0; bit < eventConditions.length; bit++) if (eventConditions[bit]?.(event) === true) compact.conditions |= 1 << bit
    for (let i = 0; i < this.#contributing.length; i++) {
      const index = this.#contributing[i] as number
      const measure = measures[index] as CompiledMeasure
      compact.contributions[index] = (measure.signals & signals) === 0 ? undefined : this.#contribution(index, measure, event)
    }
  }

  #contribution(index: number, measure: CompiledMeasure, event: EventView): Contribution {
    const value = measure.of?.(event)
    if (measure.contributes === 'amount') {
      if (typeof value === 'number' && Math.abs(value) <= 9e9) return value
      this.remarks.sawSkipped(index, value)
      return undefined
    }
    if (value === undefined || value === null) return undefined
    return measure.contributes === 'json' ? JSON.stringify(value) : keyOf(value)
  }

  #candidatesOf(event: string): readonly number[] {
    const candidates = this.#cycle.signals.flatMap((signal, bit) => (signal.matchesName(event) ? [bit] : []))
    // Names come from clients, so the memory for them must be bounded.
    if (this.#candidates.size >= NAMES_REMEMBERED_MAX) this.#candidates.clear()
    this.#candidates.set(event, candidates)
    return candidates
  }
}

/** A text that is unique for each scalar, by JSON type and value; undefined for values that are not scalars. */
function keyOf(value: unknown): string | undefined {
  // A lone surrogate has no UTF-8 bytes, but JSON escapes it. The letter in front distinguishes it from a value with the same text.
  if (typeof value === 'string' && !value.isWellFormed()) return `i${longKey(JSON.stringify(value))}`
  if (typeof value === 'string') return value.length <= 64 ? `s${value}` : longKey(value)
  if (typeof value === 'number') return `n${value}`
  return typeof value === 'boolean' ? `b${value}` : undefined
}
