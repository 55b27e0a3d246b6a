import { PackedId } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { Contribution } from '../measures/accumulator.ts'

/** What the fold remembers of an event: enough to apply it again, and no more. */
export class CompactEvent {
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
