/** Amounts are exact multiples of a millionth: whole units and millionths from 0 to 999,999 (of a negative amount too: -0.25 is -1 and 750,000). */
export interface Decimal {
  units: number
  millionths: number
}

/** What is larger is skipped, so that sums stay exact. */
const DECIMAL_MAX = 9_000_000_000
const SCALE = 1_000_000

/**
 * The amount of a JSON number: its shortest decimal form, rounded to millionths, half away from zero.
 * @returns undefined where it is not a number or lies beyond ±9·10⁹
 */
export function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value !== 'number' || !(Math.abs(value) <= DECIMAL_MAX)) return undefined
  const rounded = Math.round(value * SCALE)
  // Below 10⁹ doubles lie closer than millionths, so a match is the shortest form; elsewhere its digits decide.
  const total = Math.abs(value) < 1e9 && rounded / SCALE === value ? rounded : roundedFromDigits(value)
  const units = Math.floor(total / SCALE)
  return { units, millionths: total - units * SCALE }
}

function roundedFromDigits(value: number): number {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toString().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = whole + fraction
  // The decimal point, in digits from the left, once the number is counted in millionths.
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
