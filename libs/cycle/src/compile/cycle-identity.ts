import type { CompiledCycle } from './compiled-cycle.ts'

/**
 * What states and outputs are folded by, as a log keeps it beside them: those of another definition or generation are not gone on with.
 * @param generation which run of the definition over the log, from 1
 */
export function identityOf({ cycle, fingerprint }: CompiledCycle, generation = 1): Readonly<Record<'cycle' | 'definition' | 'generation', string>> {
  return { cycle, definition: fingerprint, generation: String(generation) }
}
