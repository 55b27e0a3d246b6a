import { type Instant, instantOf, type Output, RondoError } from '#contracts'

/** What remains of an output for those who count and write what stands. */
export interface Standing {
  readonly kind: Output['kind']
  readonly from: string
  readonly to: string
  readonly dwellMs: number | null
  /** As JSON; undefined where only counts are wanted. */
  readonly line: string | undefined
}

/**
 * Holds outputs back until nothing can retract them any more, and hands on those that stand, in the order in which they were published.
 *
 * An event that is not late happened at most `grace` before log time, and refolding its actor leaves everything before it as it was: what
 * lies further back is final. So no more is held than was published about one grace.
 */
export class StandingOutputs {
  readonly #settle: (output: Standing) => void
  readonly #held = new Map<string, { readonly at: Instant; readonly output: Standing }>()
  /** The ids as they were published, from `#next` on; those retracted meanwhile are no longer held. */
  #queue: string[] = []
  #next = 0

  constructor(settle: (output: Standing) => void) {
    this.#settle = settle
  }

  add(output: Output, line: string | undefined): void {
    const { id, kind, from, to, dwellMs, at, retracts } = output
    if (retracts === undefined) {
      this.#held.set(id, { at: instantOf(at), output: { kind, from, to, dwellMs, line } })
      this.#queue.push(id)
    } else if (!this.#held.delete(retracts)) throw new RondoError('RONDO_INTERNAL', `The output ${retracts} was retracted by ${id} after its grace.`)
  }

  /** Hands on what lies before; plus infinity for all. */
  settleBefore(time: Instant): void {
    for (; this.#next < this.#queue.length; this.#next++) {
      const id = this.#queue[this.#next] as string
      const held = this.#held.get(id)
      if (held === undefined) continue
      if (held.at >= time) break
      this.#settle(held.output)
      this.#held.delete(id)
    }
    if (this.#next * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#next)
    this.#next = 0
  }
}
