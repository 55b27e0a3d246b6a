import { type Instant, instantOf, type Output, RondoError } from '#contracts'

/** The parts of an output that the report counts and writes. */
export interface FinalOutput {
  readonly kind: Output['kind']
  readonly from: string
  readonly to: string
  readonly dwellMs: number | null
  /** The output as JSON; undefined if the caller needs only counts. */
  readonly line: string | undefined
}

/**
 * Keeps outputs until no event can retract them. Then it passes on the outputs that were not retracted, in the order of publication.
 *
 * An event that is not late happened at most one grace period before log time, and it cannot change outputs from before it happened. So an
 * output is final one grace period after its time, and only the outputs of about one grace period are held.
 */
export class FinalOutputs {
  readonly #onFinal: (output: FinalOutput) => void
  readonly #held = new Map<string, { readonly at: Instant; readonly output: FinalOutput }>()
  /** The ids in the order of publication, from index `#next`. Ids of retracted outputs are here, but not in `#held`. */
  #queue: string[] = []
  #next = 0

  constructor(onFinal: (output: FinalOutput) => void) {
    this.#onFinal = onFinal
  }

  add(output: Output, line: string | undefined): void {
    const { id, kind, from, to, dwellMs, at, retracts } = output
    if (retracts === undefined) {
      this.#held.set(id, { at: instantOf(at), output: { kind, from, to, dwellMs, line } })
      this.#queue.push(id)
    } else if (!this.#held.delete(retracts)) throw new RondoError('RONDO_INTERNAL', `The output ${retracts} was retracted by ${id} after its grace.`)
  }

  /** Passes on the outputs whose time is before this one; with plus infinity all outputs. */
  releaseBefore(time: Instant): void {
    for (; this.#next < this.#queue.length; this.#next++) {
      const id = this.#queue[this.#next] as string
      const held = this.#held.get(id)
      if (held === undefined) continue
      if (held.at >= time) break
      this.#onFinal(held.output)
      this.#held.delete(id)
    }
    if (this.#next * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#next)
    this.#next = 0
  }
}
