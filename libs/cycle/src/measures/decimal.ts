import type { ByteReader, ByteWriter } from '../packed/bytes.ts'

/** Amounts are exact multiples of a millionth: whole units and millionths from 0 to 999,999 (also of a negative amount: -0.25 is -1 and 750,000). */
export interface Decimal {
  units: number
  millionths: number
}

/** Larger amounts are skipped, so that sums stay exact. */
const DECIMAL_MAX = 9_000_000_000
/** Amounts are kept as whole millionths. */
const SCALE = 1_000_000

/**
 * The amount of a JSON number: its shortest decimal form, rounded to millionths, half away from zero.
 * @returns undefined if the value is not a number or is beyond ±9·10⁹
 */
export function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value !== 'number' || !(Math.abs(value) <= DECIMAL_MAX)) return undefined
  const rounded = Math.round(value * SCALE)
  // Below 10⁹ doubles are closer together than millionths, so an equal value is exact. Otherwise the decimal digits are rounded.
  const total = Math.abs(value) < 1e9 && rounded / SCALE === value ? rounded : roundedFromDigits(value)
  const units = Math.floor(total / SCALE)
  return { units, millionths: total - units * SCALE }
}

/** The number of millionths of an amount, rounded by its decimal digits, half away from zero. */
function roundedFromDigits(value: number): number {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toString().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = whole + fraction
  // The number of digits before the decimal point of the amount in millionths.
  const point = whole.length + Number(exponent) + 6
  if (point < 0) return 0
  const integer = Number(digits.padEnd(point, '0').slice(0, point))
  const up = (digits[point] ?? '0') >= '5' ? 1 : 0
  return Math.sign(value) * (integer + up)
}

/** Adds to a sum in place. */
export function addDecimal(sum: Decimal, amount: Decimal, sign: 1 | -1): void {
  sum.millionths += sign * amount.millionths
  sum.units += sign * amount.units + Math.floor(sum.millionths / SCALE)
  sum.millionths -= Math.floor(sum.millionths / SCALE) * SCALE
}

/** The double nearest to an exact sum. */
export function decimalNumber(sum: Decimal): number {
  const total = sum.units * SCALE + sum.millionths
  if (Number.isSafeInteger(total)) return total / SCALE
  if (sum.units >= 0) return Number(`${sum.units}.${String(sum.millionths).padStart(6, '0')}`)
  const negated = { units: 0, millionths: 0 }
  addDecimal(negated, sum, -1)
  return -Number(`${negated.units}.${String(negated.millionths).padStart(6, '0')}`)
}

/** Below 0 if `a` is smaller, 0 if they are equal. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  return a.units - b.units || a.millionths - b.millionths
}

/** The double nearest to a sum divided by a count above 0, rounded to millionths, half away from zero. */
export function quotientNumber(sum: Decimal, count: number): number {
  const total = sum.units * SCALE + sum.millionths
  if (!Number.isSafeInteger(total)) return decimalNumber(exactQuotient(sum, BigInt(count)))
  const size = Math.abs(total)
  const rest = size % count
  // Exact in doubles: the difference is a multiple of the count.
  const quotient = (size - rest) / count + (2 * rest >= count ? 1 : 0)
  // `+ 0` turns -0, from a small negative quotient, into 0.
  return (Math.sign(total) * quotient) / SCALE + 0
}

function exactQuotient(sum: Decimal, count: bigint): Decimal {
  const [total, scale] = [BigInt(sum.units) * BigInt(SCALE) + BigInt(sum.millionths), BigInt(SCALE)]
  const size = total < 0n ? -total : total
  const rounded = (2n * size + count) / (2n * count)
  const quotient = total < 0n ? -rounded : rounded
  const millionths = ((quotient % scale) + scale) % scale
  return { units: Number((quotient - millionths) / scale), millionths: Number(millionths) }
}

/** Reads an amount that {@link writeDecimal} wrote. */
export function readDecimal(from: ByteReader): Decimal {
  return { units: from.int(), millionths: from.uint() }
}

/** Writes an amount into a packed state. */
export function writeDecimal(to: ByteWriter, { units, millionths }: Decimal): void {
  to.int(units)
  to.uint(millionths)
}
