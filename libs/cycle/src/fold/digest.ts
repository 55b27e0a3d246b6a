import { PackedId } from '#keyed-state'
import type { CompiledCycle, CompiledMeasure, CompiledSignal } from '../compile/compiled-cycle.ts'
import type { EventView } from '../compile/event-path.ts'
import type { Contribution } from '../measures/accumulator.ts'
import { Remarks } from '../remarks/remarks.ts'
import { longKey } from './long-key.ts'

/** What the fold remembers of an event: enough to apply it again, and no more. */
export class Digest {
  time = 0
  /** Its place among the events of the partition's log, modulo 2^32. */
  place = 0
  readonly key = new PackedId()
  /** The packed id. */
  readonly id = this.key.bytes
  /** Bits of the signals that the event is. */
  signals = 0
  /** Bits of the definition's event conditions that hold. */
  bits = 0
  /** By measure; undefined where the event adds nothing that the measure has to know. */
  readonly contributions: Contribution[]

  constructor(cycle: CompiledCycle) {
    this.contributions = cycle.measures.map(() => undefined)
  }

  /** Takes on another event: which it is, and where it stands. */
  begin(event: { readonly id: string; readonly time: number }, place: number): void {
    this.time = event.time
    this.place = place
    this.key.set(event.id)
  }
}

const NAMES_REMEMBERED_MAX = 10_000

/** Says of an event which signals it is, and digests it. */
export class Digester {
  readonly #cycle: CompiledCycle
  readonly #candidates = new Map<string, readonly number[]>()
  readonly #looking: readonly number[]
  readonly remarks: Remarks

  constructor(cycle: CompiledCycle) {
    this.#cycle = cycle
    this.remarks = new Remarks(cycle)
    this.#looking = cycle.measures.flatMap((measure, index) => (measure.of === undefined ? [] : [index]))
  }

  /** Bits of the signals that an event is; 0 where none matches. */
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

  /** Fills in what rules and measures need to know of the event. */
  describe(event: EventView, signals: number, digest: Digest): void {
    const { eventConditions, measures } = this.#cycle
    digest.signals = signals
    digest.bits = 0
    for (let bit = 0; bit < eventConditions.length; bit++) if (eventConditions[bit]?.(event) === true) digest.bits |= 1 << bit
    for (let i = 0; i < this.#looking.length; i++) {
      const index = this.#looking[i] as number
      const measure = measures[index] as CompiledMeasure
      digest.contributions[index] = (measure.signals & signals) === 0 ? undefined : this.#contribution(index, measure, event)
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
    // Names come from outside: what is remembered of them is bounded.
    if (this.#candidates.size >= NAMES_REMEMBERED_MAX) this.#candidates.clear()
    this.#candidates.set(event, candidates)
    return candidates
  }
}

/** Tells scalars apart by JSON type and value; undefined for what is not one. */
function keyOf(value: unknown): string | undefined {
  // Half of a surrogate pair has no bytes of its own; JSON spells it out, and the letter in front says so: that text may be a value itself.
  if (typeof value === 'string' && !value.isWellFormed()) return `i${longKey(JSON.stringify(value))}`
  if (typeof value === 'string') return value.length <= 64 ? `s${value}` : longKey(value)
  if (typeof value === 'number') return `n${value}`
  return typeof value === 'boolean' ? `b${value}` : undefined
}
