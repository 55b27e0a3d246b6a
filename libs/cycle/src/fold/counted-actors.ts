import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { EventCompactor } from '../events/event-compactor.ts'
import type { FoldEvent } from '../events/fold-event.ts'
import { countsHere } from './addressed-events.ts'
import type { Owns } from './fold-options.ts'

/** For whom an event counts. */
interface Counted {
  /** Whether it is a record of this fold: another one does not move log time in an import. */
  readonly isRecord: boolean
  /** The actors of this partition for whom it is activity, before it is known whether it is late or a copy. */
  readonly actorIds: readonly string[]
  /** Whether the actor that sent it is one of this cycle and partition: its traits are those of that actor. */
  readonly isOfActor: boolean
}

const NO_RECORD: Counted = { isRecord: false, actorIds: [], isOfActor: false }

/** For whom events count in one partition, as the fold decides it (rules 11 and 22), for those that read the log beside it. */
export class CountedActors {
  readonly #cycle: CompiledCycle
  readonly #owns: Owns | undefined
  readonly #compactor: EventCompactor

  /** @param owns whether an actor belongs to the partition; without it, the log has one */
  constructor(cycle: CompiledCycle, owns?: Owns) {
    this.#cycle = cycle
    this.#owns = owns
    this.#compactor = new EventCompactor(cycle)
  }

  of(event: FoldEvent): Counted {
    const { actorType, addressing } = this.#cycle
    const isAtHome = event.addressed === undefined && addressing === undefined ? true : countsHere(event, event.actorId, this.#owns)
    const isOfActor = isAtHome && event.actorType === actorType
    if (addressing === undefined) {
      if (!isAtHome) return NO_RECORD
      return { isRecord: true, actorIds: isOfActor && this.#compactor.signalsOf(event) !== 0 ? [event.actorId] : [], isOfActor }
    }
    const ids = this.#compactor.signalsOf(event) === 0 ? [] : addressing.read(event).ids
    const actorIds = ids.filter((id) => countsHere(event, id, this.#owns))
    return { isRecord: isAtHome || actorIds.length > 0, actorIds, isOfActor }
  }
}
