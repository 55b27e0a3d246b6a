import type { CompiledCycle } from './compiled-cycle.ts'

/** Increased when the fold gives other outcomes for the same log: a fold does not continue the outputs of another version. */
export const FOLD_VERSION = 2

/**
 * The definition, generation and version of the fold that made states and outputs. The log stores it beside them, and a fold continues only those
 * with its own identity.
 * @param generation which run of the definition over the log, from 1
 */
export function identityOf({ cycle, fingerprint }: CompiledCycle, generation = 1): Readonly<Record<'cycle' | 'definition' | 'generation' | 'fold', string>> {
  return { cycle, definition: fingerprint, generation: String(generation), fold: String(FOLD_VERSION) }
}
