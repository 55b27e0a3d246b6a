/** The largest number that is added. */
export const SUMMAND_MAX = 9e9
const PLACES = 6

/** A number in millionths, from its shortest decimal form, rounded half away from zero. */
export function millionths(value: number): bigint {
  const [mantissa = '0', exponent = '0'] = String(Math.abs(value)).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const digits = BigInt(whole + fraction)
  const shift = PLACES + Number(exponent) - fraction.length
  const divisor = 10n ** BigInt(Math.max(0, -shift))
  const size = shift >= 0 ? digits * 10n ** BigInt(shift) : (2n * digits + divisor) / (2n * divisor)
  return value < 0 ? -size : size
}

/** A share of a time in whole milliseconds, rounded half up; the share is taken as a decimal. */
export function shareOfMs(share: number, ms: number): number {
  const [mantissa = '0', exponent = '0'] = String(share).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const scale = 10n ** BigInt(fraction.length - Number(exponent))
  const product = BigInt(whole + fraction) * BigInt(ms)
  const rest = product % scale
  return Number(product / scale) + (2n * rest >= scale ? 1 : 0)
}

/** The double nearest to a sum of millionths. It is read from a decimal text, because a division of doubles would round twice. */
export function nearestNumber(sum: bigint): number {
  return Number(`${sum}e-${PLACES}`)
}
