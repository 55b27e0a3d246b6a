import type { Addressees, Addressing } from '../compile/addressing.ts'
import { addressedId } from '../events/addressed-id.ts'
import type { AddressedEvent, Disposition, FoldEvent } from '../events/fold-event.ts'
import type { FoldSink, Owns, RestoreMode } from './fold-options.ts'
import type { PartitionState } from './partition-state.ts'

/**
 * Whether an event counts in this partition for an actor (rule 22). An event that was written into the partitions of several actors counts in each of
 * them only for those that belong there.
 */
export function countsHere({ countsFor }: FoldEvent, actorId: string, owns: Owns | undefined): boolean {
  return (owns === undefined || owns(actorId)) && (countsFor === undefined || countsFor.includes(actorId))
}

/** What {@link AddressedEvents} works with. */
interface AddressedEventsOptions {
  readonly actorType: string
  readonly addressing: Addressing
  readonly state: PartitionState
  readonly sink: FoldSink
  readonly owns: Owns | undefined
  readonly restore: RestoreMode | undefined
  /** Decides what becomes of an event of its own actor, and applies it. */
  readonly decide: (event: AddressedEvent, place: number, signals: number) => Disposition
}

const NOBODY: Addressees = { ids: [], invalid: [], surplus: undefined }

/** Applies events for the actors that they name (rule 22), in one partition. */
export class AddressedEvents {
  readonly #options: AddressedEventsOptions

  constructor(options: AddressedEventsOptions) {
    this.#options = options
  }

  /** @returns false if the event is about no actor of this partition: then it is no record of this fold */
  apply(event: FoldEvent): boolean {
    const { state, addressing, owns } = this.#options
    // What is counted once of an event is counted in the partition of who sent it.
    const isAtHome = countsHere(event, event.actorId, owns)
    const signals = state.compactor.signalsOf(event)
    const addressees = signals === 0 ? NOBODY : addressing.read(event)
    const here = addressees.ids.filter((id) => countsHere(event, id, owns))
    if (!isAtHome && here.length === 0) return false
    const place = state.time.nextPlace()
    const dispositions = here.length === 0 ? [] : this.#applyFor(here, event, place, signals)
    if (isAtHome) this.#countOnce(event, signals, addressees, dispositions)
    return true
  }

  /** All of them have the event at one place of the log. A restore leaves out those who have it already. */
  #applyFor(ids: readonly string[], sent: FoldEvent, place: number, signals: number): Disposition[] {
    const { actorType, restore, decide } = this.#options
    const id = addressedId({ id: sent.id, actor: { type: sent.actorType, id: sent.actorId } })
    return ids.flatMap((actorId) => {
      if (restore?.hasApplied(actorId) === true) return []
      const event: AddressedEvent = { ...sent, id, actorType, actorId, sent }
      const disposition = decide(event, place, signals)
      this.#count(event, disposition, signals)
      return [disposition]
    })
  }

  #countOnce(event: FoldEvent, signals: number, addressees: Addressees, dispositions: readonly Disposition[]): void {
    const { state, sink } = this.#options
    state.paths.saw(event)
    if (signals === 0) {
      state.remarks.sawUnmatched(event)
      this.#count(event, 'unmatched', signals)
    } else {
      state.remarks.sawAddressees(addressees, this.#isUnreached(event, addressees))
      if (addressees.ids.length === 0) this.#count(event, 'not-addressed', signals)
    }
    sink.seen?.(event, signals, dispositions.length > 0 && dispositions.every((disposition) => disposition === 'duplicate'))
  }

  #count(event: FoldEvent, disposition: Disposition, signals: number): void {
    const { state, sink } = this.#options
    state.counts[disposition] += 1
    sink.decided?.(event, disposition, signals)
  }

  /** Whether the event was not written into the partition of an addressed actor. */
  #isUnreached(event: FoldEvent, { ids }: Addressees): boolean {
    const { addressed = [] } = event
    return ids.some((id) => !countsHere(event, id, this.#options.owns) && !addressed.includes(id))
  }
}
