import type { CompiledCycle } from './compiled-cycle.ts'

/** Changes whenever the fold gives other outcomes for the same log: a fold does not continue what another version has published. */
export const FOLD_VERSION = 2

/**
 * What states and outputs are folded by, as a log keeps it beside them: a fold does not continue those of another definition, generation or version.
 * @param generation which run of the definition over the log, from 1
 */
export function identityOf({ cycle, fingerprint }: CompiledCycle, generation = 1): Readonly<Record<'cycle' | 'definition' | 'generation' | 'fold', string>> {
  return { cycle, definition: fingerprint, generation: String(generation), fold: String(FOLD_VERSION) }
}
