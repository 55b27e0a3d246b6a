/** The forms of a decimal literal in JSON, YAML and CSV. */
const LITERAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** A decimal number as its sign, its digits without zeros at both ends, and the power of ten of the last digit. */
interface Decimal {
  readonly sign: string
  readonly digits: string
  readonly exponent: number
}

function decimalOf(literal: string): Decimal | undefined {
  const match = LITERAL.exec(literal)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', power = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return { sign: '', digits: '', exponent: 0 }
  return { sign: sign === '-' ? '-' : '', digits: kept, exponent: Number(power) - fraction.length + digits.length - kept.length }
}

/** The only form of a number beyond 2^53: all its digits, without an exponent, and without zeros at the end of the fraction. */
function textOf({ sign, digits, exponent }: Decimal): string {
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent)
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`
}

/** Whether doubles distinguish all whole numbers around this one: within ±(2^53 − 1). */
export const isWithinSafe = (value: number): boolean => value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER

/**
 * The value of a number literal in Rondo (rule 18). Within ±(2^53 − 1) it is the nearest double. Beyond that it is the exact text, because
 * doubles make different numbers equal there; equal numbers have the same text (`1e20` is `100000000000000000000`). Undefined if the literal
 * has an exponent and no double is as large: such a number counts as not finite.
 */
export function exactNumber(literal: string): number | string | undefined {
  const value = Number(literal)
  if (isWithinSafe(value)) return value
  const decimal = decimalOf(literal)
  if (decimal === undefined || (!Number.isFinite(value) && /e/i.test(literal))) return undefined
  return textOf(decimal)
}

/**
 * Whether a double is exactly the number that a literal of a definition names, in its shortest form. True for 0.1, false for 2^53 + 1 and
 * 0.1234567890123456789.
 */
export function isHeldExactly(literal: string, value: number): boolean {
  if (!isWithinSafe(value)) return false
  const [written, held] = [decimalOf(literal), decimalOf(String(value))]
  // Hexadecimal and octal literals are whole numbers: within the limit they are exact.
  if (written === undefined || held === undefined) return true
  return written.sign === held.sign && written.digits === held.digits && written.exponent === held.exponent
}
