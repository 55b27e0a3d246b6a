import { RE2JS } from 're2js'
import type { Comparison, Operators } from '#contracts'
import { compareUtf8 } from '#keyed-state'

/** A test of one value. Undefined and null mean "missing". */
export type Test = (value: unknown) => boolean

const isMissing = (value: unknown): boolean => value === undefined || value === null

/** A test of order: between two numbers or two strings (by UTF-8 bytes), never between a number and a string. */
function ordered(operand: string | number, accepts: (sign: number) => boolean): Test {
  if (typeof operand === 'number') return (value) => typeof value === 'number' && accepts(value - operand)
  return (value) => typeof value === 'string' && accepts(compareUtf8(value, operand))
}

function matching(pattern: string): Test {
  const compiled = RE2JS.compile(pattern)
  return (value) => typeof value === 'string' && compiled.matches(value)
}

/** The test of each operator, made from its operand. */
const builders: { [Name in keyof Operators]-?: (operand: NonNullable<Operators[Name]>) => Test } = {
  eq: (operand) => (value) => value === operand && !isMissing(value),
  ne: (operand) => (value) => isMissing(value) || value !== operand,
  in: (operand) => (value) => !isMissing(value) && operand.includes(value as string),
  gt: (operand) => ordered(operand, (sign) => sign > 0),
  gte: (operand) => ordered(operand, (sign) => sign >= 0),
  lt: (operand) => ordered(operand, (sign) => sign < 0),
  lte: (operand) => ordered(operand, (sign) => sign <= 0),
  exists: (operand) => (value) => isMissing(value) !== operand,
  matches: matching,
}

/** The test of an operator map, or of a value as the shorthand of `eq`. All operators must hold. Values are not converted (rule 15). */
export function compileComparison(comparison: Comparison): Test {
  if (typeof comparison !== 'object' || comparison === null) return builders.eq(comparison as string)
  const tests = Object.entries(comparison)
    .filter(([, operand]) => operand !== undefined)
    .map(([name, operand]) => (builders[name as keyof Operators] as (operand: unknown) => Test)(operand))
  const [single] = tests
  return tests.length === 1 && single !== undefined ? single : (value) => tests.every((test) => test(value))
}
