/** So many ids are remembered at least, and twice as many at most. */
const IDS_MIN = 65_536

/** What is looked at of an event, decoded or as a record. */
export interface IdentifiedEvent {
  readonly id: string
  readonly event: string
}

/**
 * Counts events that have the id of a recent one of another name or actor. Copies of an event are one event, but an id that stands for
 * many different ones is a mistake of a sender, whose events are lost as copies.
 */
export class IdClashes {
  #events = 0
  #newer = new Map<string, string>()
  #older = new Map<string, string>()

  /** How many there were. */
  get events(): number {
    return this.#events
  }

  /** @returns whether it is one of them */
  saw({ id, event }: IdentifiedEvent, actorId: string): boolean {
    const what = `${event}\0${actorId}`
    const before = this.#newer.get(id) ?? this.#older.get(id)
    if (this.#newer.size >= IDS_MIN) {
      this.#older = this.#newer
      this.#newer = new Map()
    }
    this.#newer.set(id, before ?? what)
    if (before === undefined || before === what) return false
    this.#events += 1
    return true
  }
}
