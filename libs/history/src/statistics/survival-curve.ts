/** The curve at a duration. */
export interface CurvePoint {
  readonly ms: number
  /** How many had a duration of at least `ms`. */
  readonly atRisk: number
  /** How many left since the point before, up to and including this duration. */
  readonly events: number
  /** How many were seen for the last time since the point before, without having left. */
  readonly censored: number
  /** The share that has not left by this duration. */
  readonly survival: number
  readonly lower: number
  readonly upper: number
  /** For each way out, the share that has left in this way by this duration. */
  readonly ways: readonly IncidencePoint[]
}

interface IncidencePoint {
  readonly incidence: number
  readonly lower: number
  readonly upper: number
}

/** The durations by which shares have left, in milliseconds; null if so many had not left while anybody was observed. */
export interface Quantiles {
  readonly median: number | null
  /** The 95 % interval of the median: the durations at which the edges of the band come to one half. */
  readonly medianLower: number | null
  readonly medianUpper: number | null
  readonly p25: number | null
  readonly p75: number | null
  readonly p90: number | null
}

export interface SurvivalCurve {
  readonly subjects: number
  readonly events: number
  /** How many durations differ. */
  readonly distinct: number
  /** Whether points were left out, because there would be more than 500. Those that remain are exact. */
  readonly thinned: boolean
  readonly points: readonly CurvePoint[]
  readonly quantiles: Quantiles
}
