import { PackedId } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { Contribution } from '../measures/accumulator.ts'

/** What the fold keeps of an event: exactly what it needs to apply the event again. */
export class CompactEvent {
  time = 0
  /** Its place among the events of the partition's log, modulo 2^32. */
  place = 0
  readonly packedId = new PackedId()
  /** The bytes of the packed id. */
  readonly idBytes = this.packedId.bytes
  /** Bits of the signals that match the event. */
  signals = 0
  /** Bits of the definition's event conditions that hold. */
  conditions = 0
  /** By measure; undefined if the measure needs no value of the event. */
  readonly contributions: Contribution[]

  constructor(cycle: CompiledCycle) {
    this.contributions = cycle.measures.map(() => undefined)
  }

  /** Begins another event: its id, its time and its place in the log. */
  begin(event: { readonly id: string; readonly time: number }, place: number): void {
    this.time = event.time
    this.place = place
    this.packedId.set(event.id)
  }
}
