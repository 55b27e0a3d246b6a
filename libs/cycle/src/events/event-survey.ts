import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { EventView } from '../compile/event-path.ts'
import { describeRemarks, type SharedIds } from '../remarks/describe-remarks.ts'
import type { PathCountsRecord } from '../remarks/path-counts.ts'
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
    if (addressing === undefined) return event.actorType === actorType ? this.#countFor([event.actorId], event) : this.#countOther()
    const addressees = addressing.read(event)
    const isSignal = this.#countFor(addressees.ids, event)
    if (this.#compactor.signalsOf(event) !== 0) this.#compactor.remarks.sawAddressees(addressees, false)
    return isSignal
  }

  #countFor(ids: readonly string[], event: EventView): boolean {
    this.#events += 1
    const { remarks, paths } = this.#compactor
    paths.saw(event)
    for (const id of ids) remarks.sawActor(id)
    const signals = this.#compactor.signalsOf(event)
    if (signals === 0) remarks.sawUnmatched(event)
    else if (ids.length > 0) this.#compactor.describe(event, signals, this.#compact)
    return signals !== 0 && ids.length > 0
  }

  #countOther(): false {
    this.#otherActors += 1
    return false
  }

  /** Which paths of the definition the events had so far. */
  get pathCounts(): PathCountsRecord {
    return this.#compactor.paths.record()
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
      ...describeRemarks(remarks.record(), {
        near: remarks.near,
        paths: this.#cycle.addressing?.paths,
        pathCounts: this.pathCounts,
        events: this.#events,
        ...(sharedIds && { sharedIds }),
      }),
    ]
  }
}
