import { readFileSync } from 'node:fs'
import { type CycleDefinition, RondoError } from '#contracts'
import { type CompiledCycle, compileCycle, formatDefect, readDefinition } from '#cycle'

/** A live event may be on its way for minutes (a phone in a tunnel): with less grace it would be late. */
const GRACE_MS_MIN = 300_000

/** A definition that may go live, with its text for the thread that folds. */
export interface LiveDefinition {
  readonly file: string
  readonly text: string
  readonly definition: CycleDefinition
  readonly cycle: CompiledCycle
}

/** @throws RondoError RONDO_DEFINITION_UNREADABLE; RONDO_DEFINITION_INVALID with every defect, a line each */
export function readLiveDefinition(file: string, options: { shortGrace: boolean }): LiveDefinition {
  const text = readText(file)
  const { definition, defects } = readDefinition(text, file)
  if (definition === undefined) {
    const errors = defects.filter(({ severity }) => severity === 'error').map(formatDefect)
    throw new RondoError('RONDO_DEFINITION_INVALID', `The definition ${file} has ${errors.length === 1 ? 'a defect' : 'defects'}:\n${errors.join('\n')}\n`)
  }
  const cycle = compileCycle(definition)
  if (cycle.graceMs < GRACE_MS_MIN && !options.shortGrace) {
    throw new RondoError(
      'RONDO_DEFINITION_INVALID',
      `The definition ${file} has a grace of ${definition.grace}; events that come over a network need at least 5m, or they are late. Give it more, or say --short-grace.`,
    )
  }
  return { file, text, definition, cycle }
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const reason = ({ ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'this user may not read it' } as Record<string, string>)[code ?? '']
    throw new RondoError('RONDO_DEFINITION_UNREADABLE', `The definition ${file} cannot be read: ${reason ?? message}.`, { cause })
  }
}
