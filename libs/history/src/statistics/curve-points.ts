import type { CurvePoint } from './survival-curve.ts'

/** The most points of a curve. */
const POINTS_MAX = 500
/** Parts of the time, and parts of the share. A curve goes through at most twice as many cells as either has. */
const CELLS = 240

type Place = Pick<CurvePoint, 'ms' | 'survival'>

/**
 * The points of a curve that are kept: all while there are at most 500; else the last one in each cell of a grid that is finer than a screen. Points are
 * left out, never moved: those that remain are exact, and carry the events of those that were left out before them.
 */
export class CurvePoints {
  readonly #longestMs: number
  #points: CurvePoint[] = []
  #isThinned = false

  constructor(longestMs: number) {
    this.#longestMs = longestMs
  }

  get thinned(): boolean {
    return this.#isThinned
  }

  /** Whether the point of the first place must be kept when the curve goes on to the second one. */
  separates(place: Place, next: Place): boolean {
    return !this.#isThinned || !this.#isInOneCell(place, next)
  }

  keep(point: CurvePoint): void {
    this.#points.push(point)
    if (this.#isThinned || this.#points.length <= POINTS_MAX) return
    this.#isThinned = true
    const all = this.#points
    this.#points = []
    let [events, censored] = [0, 0]
    for (const [index, each] of all.entries()) {
      events += each.events
      censored += each.censored
      const next = all[index + 1]
      if (next !== undefined && this.#isInOneCell(each, next)) continue
      this.#points.push({ ...each, events, censored })
      ;[events, censored] = [0, 0]
    }
  }

  all(): readonly CurvePoint[] {
    return this.#points
  }

  #isInOneCell(one: Place, other: Place): boolean {
    return this.#column(one) === this.#column(other) && Math.floor(one.survival * CELLS) === Math.floor(other.survival * CELLS)
  }

  #column({ ms }: Place): number {
    return this.#longestMs === 0 ? 0 : Math.floor((ms / this.#longestMs) * CELLS)
  }
}
