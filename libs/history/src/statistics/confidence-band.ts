/** Products and sums of fractions such as 3/4 · 2/3 are not exact in binary: a share that is 0.5 but for rounding is taken for 0.5. */
export const ROUNDING = 1e-12
/** The quantile of the normal distribution for a band that holds the true value in 95 of 100 cases: at 0.975. */
const Z = 1.959963984540054

/** Where the true value is, with 95 % confidence. */
export interface Band {
  readonly lower: number
  readonly upper: number
}

/**
 * The band of a share whose logarithm has this variance, made on the scale log(-log(share)): so it stays between 0 and 1 (Kalbfleisch and Prentice;
 * "exponential Greenwood"). A share of 0 or 1 says nothing about its own error, and its band is the share itself.
 */
export function logLogBand(share: number, logVariance: number): Band {
  if (share <= 0) return { lower: 0, upper: 0 }
  if (share >= 1 - ROUNDING) return { lower: share, upper: share }
  const hazard = -Math.log(share)
  const width = Math.exp((Z * Math.sqrt(logVariance)) / hazard)
  return { lower: Math.exp(-hazard * width), upper: Math.exp(-hazard / width) }
}

/**
 * Whether the edges of the band are at or below a level, without their values: a curve asks this at millions of points.
 * @param levelHazard -log(level)
 */
export function bandReaches(share: number, logVariance: number, levelHazard: number): { readonly lower: boolean; readonly upper: boolean } {
  if (share <= 0) return { lower: true, upper: true }
  if (share >= 1) return { lower: false, upper: false }
  const hazard = -Math.log(share)
  const distance = Math.log(hazard / levelHazard)
  const width = (Z * Math.sqrt(logVariance)) / hazard
  return { lower: distance + width >= -ROUNDING, upper: distance - width >= -ROUNDING }
}
