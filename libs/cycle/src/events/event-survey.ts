import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { describeRemarks, type SharedIds } from '../remarks/describe-remarks.ts'
import { CompactEvent } from './compact-event.ts'
import { EventCompactor } from './event-compactor.ts'
import type { FoldEvent } from './fold-event.ts'

/** Remarks on events that this process does not fold, such as the rows of an import. */
export class EventSurvey {
  readonly #cycle: CompiledCycle
  readonly #compactor: EventCompactor
  readonly #compact: CompactEvent
  #events = 0
  #otherActors = 0

  constructor(cycle: CompiledCycle) {
    this.#cycle = cycle
    this.#compactor = new EventCompactor(cycle)
    this.#compact = new CompactEvent(cycle)
  }

  /** Counts an event. @returns whether a signal matches it, and it counts for anybody */
  count(event: Pick<FoldEvent, 'actorType' | 'actorId' | 'event' | 'properties' | 'traits' | 'context'>): boolean {
    const { actorType, addressing } = this.#cycle
    const addressees = addressing?.read(event)
    if (addressees === undefined && event.actorType !== actorType) {
      this.#otherActors += 1
      return false
    }
    this.#events += 1
    const { remarks } = this.#compactor
    const signals = this.#compactor.signalsOf(event)
    for (const id of addressees?.ids ?? [event.actorId]) remarks.sawActor(id)
    if (signals === 0) {
      remarks.sawUnmatched(event)
      return false
    }
    if (addressees !== undefined) remarks.sawAddressees(addressees, false)
    if (addressees?.ids.length !== 0) this.#compactor.describe(event, signals, this.#compact)
    return addressees?.ids.length !== 0
  }

  /** The remarks as sentences. @param sharedIds see {@link describeRemarks} */
  describe(sharedIds?: SharedIds): string[] {
    const { remarks } = this.#compactor
    const others =
      this.#otherActors === 0
        ? []
        : [
            `${this.#otherActors} ${this.#otherActors === 1 ? 'event is' : 'events are'} of another actor type than ${this.#cycle.actorType}: no rule reads ${this.#otherActors === 1 ? 'it' : 'them'}.`,
          ]
    return [
      ...others,
      ...describeRemarks(remarks.record(), { near: remarks.near, paths: this.#cycle.addressing?.paths, events: this.#events, ...(sharedIds && { sharedIds }) }),
    ]
  }
}
