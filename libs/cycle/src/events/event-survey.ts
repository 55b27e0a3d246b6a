import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { sayRemarks } from '../remarks/say-remarks.ts'
import { CompactEvent } from './compact-event.ts'
import { EventCompactor } from './event-compactor.ts'
import type { FoldEvent } from './fold-event.ts'

/** Remarks on events that are not folded here, such as the rows of an import: what each alone can say of itself. */
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

  /** @returns whether it is of a signal */
  take(event: Pick<FoldEvent, 'actorType' | 'actorId' | 'event' | 'properties' | 'traits' | 'context'>): boolean {
    if (event.actorType !== this.#cycle.actorType) {
      this.#otherActors += 1
      return false
    }
    this.#events += 1
    const { remarks } = this.#compactor
    remarks.sawActor(event.actorId)
    const signals = this.#compactor.signalsOf(event)
    if (signals === 0) {
      remarks.sawUnmatched(event.event)
    } else this.#compactor.describe(event, signals, this.#compact)
    return signals !== 0
  }

  /** @param idClashes as {@link sayRemarks} takes it */
  say(idClashes = 0): string[] {
    const { remarks } = this.#compactor
    const others = this.#otherActors === 0 ? [] : [`${this.#otherActors} events are of other actor types than ${this.#cycle.actorType}, and count for nobody.`]
    return [...others, ...sayRemarks(remarks.record(), { near: remarks.near, events: this.#events, idClashes })]
  }
}
