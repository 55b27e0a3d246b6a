import { RE2JS } from 're2js'
import { invalidPlan } from './invalid-plan.ts'

/** A compiled pattern. Its time grows with the text and the size of the pattern, never beyond their product. */
export interface LinearPattern {
  /** Whether any part of the text matches. */
  test(text: string): boolean
  /** The pattern: the checker recognizes equal patterns by this text. */
  toString(): string
  /** The number of instructions. */
  readonly size: number
}

/** A longer pattern would need more memory and time for each event. */
const PATTERN_LENGTH_MAX = 1_000

/**
 * Compiles a pattern by RE2, which has no lookaround and no back references: a foreign text could make an engine that has them run for ever.
 * @throws RondoError RONDO_PLAN_INVALID
 */
export function linearPattern(pattern: string): LinearPattern {
  if (pattern.length > PATTERN_LENGTH_MAX) throw invalidPlan(`a pattern has ${pattern.length} characters, expected at most ${PATTERN_LENGTH_MAX}`)
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
    return { test: (text) => compiled.test(text), toString: () => pattern, size: compiled.programSize() }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw invalidPlan(`${JSON.stringify(pattern)} is not an RE2 pattern: ${reason}. RE2 has no lookaround and no back references`, cause)
  }
}
