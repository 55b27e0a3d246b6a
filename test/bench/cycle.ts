import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RondoError } from '#contracts'
import { type CompiledCycle, compileCycle, formatDefect, readDefinition } from '#cycle'

/** One of the definitions in test/fixtures/cycles, ready to run; `changes` replaces text in it. */
export function cycleOf(name: string, changes: Readonly<Record<string, string>> = {}): CompiledCycle {
  const file = join(import.meta.dirname, '../fixtures/cycles', `${name}.yaml`)
  const text = Object.entries(changes).reduce((before, [from, to]) => before.replace(from, to), readFileSync(file, 'utf8'))
  const reading = readDefinition(text, file)
  if (reading.definition === undefined) throw new RondoError('RONDO_DEFINITION_INVALID', reading.defects.map((defect) => formatDefect(defect)).join('\n'))
  return compileCycle(reading.definition)
}
