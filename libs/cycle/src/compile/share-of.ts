/**
 * A share of a time, in whole milliseconds, half up. The share is taken as the decimal in the definition: 0.145 of 100 is 14.5, so 15.
 * The product of doubles would be slightly below 14.5.
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

/** A positive number as a fraction of whole numbers, from its shortest decimal form. */
function fractionOf(share: number): { digits: bigint; scale: bigint } {
  const [mantissa = '0', exponent = '0'] = String(share).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), scale: 10n ** BigInt(fraction.length - Number(exponent)) }
}
