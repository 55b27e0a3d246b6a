import { type Instant, instantOf, type Output } from '#contracts'

const HOUR_MS = 3_600_000

/** The sum of the changes to one flow: a kind of transition from a stage to another in one hour. */
interface FlowChange {
  readonly hour: Instant
  readonly kind: string
  readonly from: string
  readonly to: string
  transitions: number
}

/** How a batch changes the flow of each hour: a batch may contain thousands of transitions of one kind. */
export class FlowChanges implements Iterable<FlowChange> {
  readonly #changes = new Map<string, FlowChange>()

  /** Adds a transition or, if it is retracted, subtracts it. */
  add({ at, kind, from, to }: Output, by: 1 | -1): void {
    const hour = Math.floor(instantOf(at) / HOUR_MS) * HOUR_MS
    const key = `${hour} ${kind} ${from} ${to}`
    const sum = this.#changes.get(key)
    if (sum === undefined) this.#changes.set(key, { hour, kind, from, to, transitions: by })
    else sum.transitions += by
  }

  [Symbol.iterator](): Iterator<FlowChange> {
    return this.#changes.values()
  }
}
