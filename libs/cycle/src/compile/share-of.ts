/**
 * A share of whole milliseconds, rounded to the nearest, half up, of the share as the decimal that is written: 0.145 of 100 is 14.5 and so
 * 15, while in doubles the product lies a hair below.
 */
export function shareOf(share: number): (ms: number) => number {
  const { digits, scale } = fractionOf(share)
  const known = new Map<number, number>()
  return (ms) => {
    let part = known.get(ms)
    if (part === undefined) {
      part = Number((2n * digits * BigInt(ms) + scale) / (2n * scale))
      known.set(ms, part)
    }
    return part
  }
}

/** Of a positive number's shortest decimal form, which is what the definition says. */
function fractionOf(share: number): { digits: bigint; scale: bigint } {
  const [mantissa = '0', exponent = '0'] = String(share).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), scale: 10n ** BigInt(fraction.length - Number(exponent)) }
}
