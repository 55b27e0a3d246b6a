import type { CompiledCycle } from './compiled-cycle.ts'

/** Changes whenever the fold gives other outcomes for the same log: what was published by another one is not gone on with. */
export const FOLD_VERSION = 2

/**
 * What states and outputs are folded by, as a log keeps it beside them: those of another definition, generation or fold are not gone on with.
 * @param generation which run of the definition over the log, from 1
 */
export function identityOf({ cycle, fingerprint }: CompiledCycle, generation = 1): Readonly<Record<'cycle' | 'definition' | 'generation' | 'fold', string>> {
  return { cycle, definition: fingerprint, generation: String(generation), fold: String(FOLD_VERSION) }
}
