import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CycleDefinition, RondoError } from '#contracts'
import { type CompiledCycle, compileCycle, formatDefect, readDefinition } from '#cycle'

/** One of the definitions in test/fixtures/cycles, ready to run; `changes` replaces text in it. */
export function cycleOf(name: string, changes: Readonly<Record<string, string>> = {}): CompiledCycle {
  return compileCycle(definitionIn(join(import.meta.dirname, '../fixtures/cycles', `${name}.yaml`), changes))
}

/** One of the shipped definitions. */
export const shippedDefinition = (name: string): CycleDefinition => definitionIn(join(import.meta.dirname, '../../deploy/cycles', `${name}.yaml`))

function definitionIn(file: string, changes: Readonly<Record<string, string>> = {}): CycleDefinition {
  const text = Object.entries(changes).reduce((before, [from, to]) => before.replace(from, to), readFileSync(file, 'utf8'))
  const reading = readDefinition(text, file)
  if (reading.definition === undefined) throw new RondoError('RONDO_DEFINITION_INVALID', reading.defects.map((defect) => formatDefect(defect)).join('\n'))
  return reading.definition
}
