import { bandReaches, logLogBand, ROUNDING } from './confidence-band.ts'
import { CurvePoints } from './curve-points.ts'
import type { CurvePoint, Quantiles, SurvivalCurve } from './survival-curve.ts'
import { WayOut } from './way-out.ts'

/** What must be known before the first duration. */
export interface Observed {
  /** How many durations there are, ended or not. */
  readonly subjects: number
  readonly longestMs: number
  /** How many ways out are told apart. */
  readonly ways: number
}

const HALF_HAZARD = Math.LN2
/** The share that remains when a quarter, a half, three quarters and nine tenths have left. */
const remaining = [
  ['p25', 0.75],
  ['median', 0.5],
  ['p75', 0.25],
  ['p90', 0.1],
] as const

/**
 * The Kaplan-Meier estimate of how long something lasts, with the bands of Greenwood's variance on the log-log scale, and the Aalen-Johansen estimate
 * for each way out. A duration that had not ended when it was last seen is censored: it is at risk up to there, and says nothing beyond.
 * Durations come in ascending order, and a few hundred points are kept: ten million durations need no memory.
 */
export class SurvivalEstimate {
  readonly #subjects: number
  readonly #points: CurvePoints
  readonly #ways: readonly WayOut[]
  #remaining: number
  #events = 0
  #distinct = 0
  #survival = 1
  /** Greenwood's sum: the variance of the logarithm of the survival. */
  #logVariance = 0
  /** The newest point, with what happened since the last one that was kept. */
  #newest = { ms: 0, atRisk: 0, events: 0, censored: 0 }
  readonly #quantiles: { -readonly [Name in keyof Quantiles]: number | null } = {
    median: null,
    medianLower: null,
    medianUpper: null,
    p25: null,
    p75: null,
    p90: null,
  }

  constructor({ subjects, longestMs, ways }: Observed) {
    this.#subjects = subjects
    this.#remaining = subjects
    this.#ways = Array.from({ length: ways }, () => new WayOut())
    this.#points = new CurvePoints(longestMs)
  }

  /**
   * All who left at the next longer duration, or were seen for the last time at it.
   * @param left how many left in each way
   */
  add(ms: number, left: readonly number[], censored: number): void {
    let events = 0
    for (const count of left) events += count
    const atRisk = this.#remaining
    const survival = (this.#survival * (atRisk - events)) / atRisk
    if (this.#distinct > 0 && this.#points.separates({ ms: this.#newest.ms, survival: this.#survival }, { ms, survival })) this.#keepNewest()
    if (events > 0) {
      for (let way = 0; way < left.length; way += 1) this.#ways[way]?.add({ atRisk, events, inThisWay: left[way] as number, survivalBefore: this.#survival })
      this.#survival = survival
      if (events < atRisk) this.#logVariance += events / (atRisk * (atRisk - events))
      this.#reachQuantiles(ms)
    }
    const { events: earlier, censored: earlierCensored } = this.#newest
    this.#newest = { ms, atRisk, events: earlier + events, censored: earlierCensored + censored }
    this.#distinct += 1
    this.#events += events
    this.#remaining = atRisk - events - censored
  }

  #reachQuantiles(ms: number): void {
    const quantiles = this.#quantiles
    for (const [name, share] of remaining) if (this.#survival <= share + ROUNDING) quantiles[name] ??= ms
    if (quantiles.medianUpper !== null) return
    const { lower, upper } = bandReaches(this.#survival, this.#logVariance, HALF_HAZARD)
    if (lower) quantiles.medianLower ??= ms
    if (upper) quantiles.medianUpper = ms
  }

  #keepNewest(): void {
    const ways = this.#ways.map((way) => ({ incidence: way.incidence, ...way.band }))
    const point: CurvePoint = { ...this.#newest, survival: this.#survival, ...logLogBand(this.#survival, this.#logVariance), ways }
    this.#points.keep(point)
    this.#newest = { ...this.#newest, events: 0, censored: 0 }
  }

  /** The curve through all durations; to be called once, after the last one. */
  curve(): SurvivalCurve {
    if (this.#distinct > 0) this.#keepNewest()
    const [subjects, events, distinct] = [this.#subjects, this.#events, this.#distinct]
    return { subjects, events, distinct, points: this.#points.all(), thinned: this.#points.thinned, quantiles: this.#quantiles }
  }
}
