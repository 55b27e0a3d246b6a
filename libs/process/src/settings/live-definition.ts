import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type CycleDefinition, RondoError } from '#contracts'
import { type CompiledCycle, compileCycle, formatDefect, identityOf, readDefinition } from '#cycle'
import { readRegularFile, unreadableReason } from '#runtime'
import { integer, repeatable, yesOrNo } from './configuration.ts'

/** A live event may be delayed for minutes (a phone in a tunnel): with less grace it would be late (rule 11). */
const GRACE_MS_MIN = 300_000
/** A definition is far smaller, also with hundreds of scenarios. */
const DEFINITION_BYTES_MAX = 1_048_576
/** The files of a folder that are definitions. */
const DEFINITION_FILE = /\.(ya?ml|json)$/

const list = z
  .string()
  .regex(/^([^,]+(,[^,]+)*)?$/, { error: 'expected a file or a folder of cycle definitions, or several with commas between them' })
  .transform((text) => (text === '' ? [] : text.split(',')))

/** The definitions of an app that has one of its own. */
export const optionalDefinition = (description: string) => repeatable(list.prefault(''), description)

/** The definitions, and which run of them over the log is meant; the same in all apps that fold or serve them. */
export const definitionSettings = {
  definition: repeatable(
    list.refine((paths) => paths.length > 0, { error: 'expected a file or a folder of cycle definitions' }),
    'the files of the cycle definitions, with commas between them, or a folder of them; as an argument it may be repeated',
  ),
  generation: integer(1, 1_000_000)
    .prefault('1')
    .describe('which run of the definition over the log this is, part of the id of every output; the next one after a repartition'),
  shortGrace: yesOrNo().prefault('no').describe('yes: accept a definition with a grace below 5m'),
}

/** The definitions for apps that fold nothing, and need to know which cycles are folded. */
export const knownCyclesSettings = {
  ...definitionSettings,
  definition: optionalDefinition('the cycle definitions of the processors, in the same order; needed if there are several cycles'),
}

/** A definition that may go live, with its text for the thread that folds. */
export interface LiveDefinition {
  readonly file: string
  readonly text: string
  readonly definition: CycleDefinition
  readonly cycle: CompiledCycle
}

/** The definitions that are valid, and the defects of the others. */
interface DefinitionReading {
  readonly definitions: readonly LiveDefinition[]
  readonly defects: readonly RondoError[]
}

/**
 * Reads the definitions of all cycles that one Rondo runs, in the given order; those of a folder in the order of their names.
 * @param paths files, or folders with files that end in .yaml, .yml or .json
 * @throws RondoError the first of the defects that {@link checkDefinitions} lists
 */
export function readLiveDefinitions(paths: readonly string[], options: { shortGrace: boolean }): readonly LiveDefinition[] {
  const { definitions, defects } = readAll(paths, options)
  const [defect] = defects
  if (defect !== undefined) throw defect
  return definitions
}

/**
 * A check for `runApp`, which passes only the valid settings: if `shortGrace` itself has a defect, a short grace is not reported as well.
 * @returns RONDO_DEFINITION_UNREADABLE and RONDO_DEFINITION_INVALID, one for each file, with every defect in it, a line each
 */
export function checkDefinitions({
  definition = [],
  shortGrace = true,
}: {
  readonly definition?: readonly string[]
  readonly shortGrace?: boolean
}): readonly RondoError[] {
  return readAll(definition, { shortGrace }).defects
}

/** What the fold of each cycle depends on, in the order of the definitions. @throws RondoError as {@link readLiveDefinitions} */
export function identitiesOf({ definition, generation, ...options }: { definition: readonly string[]; generation: number; shortGrace: boolean }) {
  return readLiveDefinitions(definition, options).map(({ cycle }) => identityOf(cycle, generation))
}

/** The cycles of a process, for messages. */
export function cyclesText(names: readonly string[]): string {
  return `${names.length === 1 ? 'the cycle' : 'the cycles'} ${names.join(', ')}`
}

function readAll(paths: readonly string[], options: { shortGrace: boolean }): DefinitionReading {
  const defects: RondoError[] = []
  const collected = <T>(read: () => T): T[] => {
    try {
      return [read()]
    } catch (error) {
      if (!(error instanceof RondoError)) throw error
      defects.push(error)
      return []
    }
  }
  const found = paths.flatMap((path) => collected(() => definitionFilesAt(path)).flat())
  const definitions = found.flatMap((file) => collected(() => readLiveDefinition(file, options)))
  return { definitions, defects: [...defects, ...nameClashes(definitions)] }
}

/**
 * The definitions whose cycles have one name: it is in addresses, in keys and in the names of files, some of which do not distinguish small from capital
 * letters.
 * @returns RONDO_DEFINITION_INVALID for each name
 */
export function nameClashes(definitions: readonly { readonly file: string; readonly cycle: Pick<CompiledCycle, 'cycle'> }[]): RondoError[] {
  return [...Map.groupBy(definitions, ({ cycle }) => cycle.cycle.toLowerCase()).values()].flatMap((of) => {
    if (of.length === 1) return []
    const where = of.map(({ cycle, file }) => `${cycle.cycle} in ${file}`).join(', ')
    return [new RondoError('RONDO_DEFINITION_INVALID', `These cycles have one name: ${where}. Give each cycle a name of its own.`)]
  })
}

/** The files of a folder of definitions, by their names; a file itself. @throws RondoError RONDO_DEFINITION_UNREADABLE for a folder without any */
export function definitionFilesAt(path: string): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
  const names = withReason(path, () => readdirSync(path)).filter((name) => DEFINITION_FILE.test(name) && !name.startsWith('.'))
  if (names.length > 0) return names.sort().map((name) => join(path, name))
  throw new RondoError('RONDO_DEFINITION_UNREADABLE', `The folder ${path} has no definition: expected files that end in .yaml, .yml or .json.`)
}

function readLiveDefinition(file: string, options: { shortGrace: boolean }): LiveDefinition {
  const text = withReason(file, () => new TextDecoder('utf-8', { fatal: true }).decode(readRegularFile(file, { bytesMax: DEFINITION_BYTES_MAX })))
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

function withReason<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new RondoError('RONDO_DEFINITION_UNREADABLE', `The definition ${path} cannot be read: ${unreadableReason(cause)}.`, { cause })
  }
}
