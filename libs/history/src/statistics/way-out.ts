import { type Band, logLogBand } from './confidence-band.ts'

/** What happened at one duration, among those who had not left before it. */
export interface Leaving {
  readonly atRisk: number
  /** All who left, in any way. */
  readonly events: number
  /** Those who left in this way. */
  readonly inThisWay: number
  /** The share of those who had not left before. */
  readonly survivalBefore: number
}

/**
 * The Aalen-Johansen estimate for one of several ways out: the share of all who have left in this way by a duration, when the other ways compete.
 * Unlike 1 minus a Kaplan-Meier curve in which the other ways count as censored, the shares of all ways and of those who remain sum up to 1.
 * Ties are exact: all who leave at one duration were at risk at it.
 *
 * The variance is that of the delta method (Collett, Modelling Survival Data in Medical Research, p. 411; Dinse and Larson 1986, eq. 6). Its sums over
 * all earlier durations are moved to each new share, so that a step takes the same time however many there were before.
 */
export class WayOut {
  #incidence = 0
  /** Σ aᵢ, Σ aᵢ(F - Fᵢ), Σ aᵢ(F - Fᵢ)² with aᵢ = dᵢ / nᵢ(nᵢ - dᵢ). */
  readonly #all = { weight: 0, linear: 0, square: 0 }
  /** Σ cᵢ, Σ cᵢ(F - Fᵢ) with cᵢ = Sᵢ₋₁ · dᵢ(this way) / nᵢ². */
  readonly #own = { weight: 0, linear: 0 }
  #binomial = 0

  /** @param leaving what happened at the next longer duration */
  add({ atRisk, events, inThisWay, survivalBefore }: Leaving): void {
    this.#moveTo(this.#incidence + (survivalBefore * inThisWay) / atRisk)
    this.#binomial += (survivalBefore ** 2 * inThisWay * (atRisk - inThisWay)) / atRisk ** 3
    this.#own.weight += (survivalBefore * inThisWay) / atRisk ** 2
    // Where all leave, nobody is at risk afterwards, and the share does not move any more.
    if (events < atRisk) this.#all.weight += events / (atRisk * (atRisk - events))
  }

  #moveTo(incidence: number): void {
    const step = incidence - this.#incidence
    if (step === 0) return
    this.#all.square += 2 * step * this.#all.linear + step * step * this.#all.weight
    this.#all.linear += step * this.#all.weight
    this.#own.linear += step * this.#own.weight
    this.#incidence = incidence
  }

  /** The sum of the shares of all ways may be above 1 by rounding, this is not. */
  get incidence(): number {
    return Math.min(1, this.#incidence)
  }

  get variance(): number {
    return Math.max(0, this.#all.square + this.#binomial - 2 * this.#own.linear)
  }

  get band(): Band {
    return logLogBand(this.incidence, this.variance / this.#incidence ** 2)
  }
}
