import type { SurvivalCurve } from './survival-curve.ts'
import { type Observed, SurvivalEstimate } from './survival-estimate.ts'

/** How many codes durations with so many ways out have: one for each way, and then one for those that were censored. */
export const codesOf = (ways: number): number => ways + 1

/**
 * Reads durations in ascending order, each packed with the way in which it ended into one number (`ms` times the number of codes, plus the code), so that
 * a sort of one column of whole numbers makes the order; those of one length are counted together.
 */
export class PackedDurations {
  readonly #estimate: SurvivalEstimate
  readonly #codes: number
  readonly #counts: number[]
  readonly #left: number[]
  #ms = -1

  constructor(observed: Observed) {
    this.#estimate = new SurvivalEstimate(observed)
    this.#codes = codesOf(observed.ways)
    this.#counts = new Array<number>(this.#codes).fill(0)
    this.#left = new Array<number>(observed.ways).fill(0)
  }

  /**
   * The next longer durations.
   * @param base is taken from each number
   */
  take(chunk: Float64Array, base = 0): void {
    const codes = this.#codes
    for (let index = 0; index < chunk.length; index += 1) {
      const packed = (chunk[index] as number) - base
      const ms = Math.floor(packed / codes)
      if (ms !== this.#ms) {
        this.#addCounts()
        this.#ms = ms
      }
      const code = packed - ms * codes
      this.#counts[code] = (this.#counts[code] as number) + 1
    }
  }

  /** The curve; to be called once, after the last one. */
  curve(): SurvivalCurve {
    this.#addCounts()
    return this.#estimate.curve()
  }

  #addCounts(): void {
    if (this.#ms < 0) return
    const left = this.#left
    for (let way = 0; way < left.length; way += 1) left[way] = this.#counts[way] as number
    this.#estimate.add(this.#ms, left, this.#counts[left.length] as number)
    this.#counts.fill(0)
  }
}
