import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type CycleDefinition, RondoError } from '#contracts'
import { type CompiledCycle, compileCycle, formatDefect, readDefinition } from '#cycle'
import { integer, yesOrNo } from './configuration.ts'

/** A live event may be delayed for minutes (a phone in a tunnel): with less grace it would be late (rule 11). */
const GRACE_MS_MIN = 300_000

/** The definition, and which run of it over the log is meant; the same in all apps that fold or serve it. */
export const definitionSettings = {
  definition: z.string().min(1).describe('the file of the cycle definition'),
  generation: integer(1, 1_000_000)
    .prefault('1')
    .describe('which run of the definition over the log this is, part of the id of every output; the next one after a repartition'),
  shortGrace: yesOrNo().prefault('no').describe('yes: accept a definition with a grace below 5m'),
}

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
      `The definition ${file} has a grace of ${definition.grace}; events that come over a network need at least 5m, or they are late. Give the definition a longer grace, or start with --short-grace.`,
    )
  }
  return { file, text, definition, cycle }
}

/**
 * A check for {@link runApp}, which passes only the valid settings: if `shortGrace` itself has a defect, a short grace is not reported as well.
 * @throws RondoError as {@link readLiveDefinition}
 */
export function checkDefinition({ definition, shortGrace = true }: { readonly definition?: string; readonly shortGrace?: boolean }): void {
  if (definition !== undefined) readLiveDefinition(definition, { shortGrace })
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
