import { z } from 'zod'
import { nearestName } from '#cycle'
import { readRegularFile, unreadableReason } from '#runtime'
import { flagOf, readConfiguration, type Settings, variableOf } from './configuration.ts'
import { firstDefects } from './first-defects.ts'
import { fileKindOf } from './secret-setting.ts'
import { type LineDefect, parseSettings, type SettingLine } from './settings-text.ts'

/** A file with settings: what is in the environment of a process cannot change while it runs. */
export const settingsFileSetting = {
  settings: z.string().prefault('').describe('a file with settings, such as RONDO_LOG_LEVEL=debug, a line each; it is read again by a reload'),
}

/** A file of settings that was read. */
export interface SettingsFile {
  readonly path: string
  readonly count: number
}

/** Where the texts of settings come from. */
export interface Variables {
  /** The text of a variable: of the environment, or of the file. */
  readonly variable: (name: string) => string | undefined
  /** What is wrong with the file: the first defects, and how many more there are. */
  readonly defects: readonly string[]
  /** The file, and how many settings it has; undefined without a file. */
  readonly file: SettingsFile | undefined
}

/** Far more than a line for each setting. */
const FILE_BYTES_MAX = 65_536
/** A file of another kind, named by mistake, would have a defect in each line. */
const DEFECTS_MAX = 10

/**
 * The environment and, below it, the file that `--settings` or RONDO_SETTINGS names.
 * @param environment the value of an environment variable
 */
export function readVariables(shape: Settings, args: readonly string[], environment: (name: string) => string | undefined): Variables {
  const path = readConfiguration(settingsFileSetting, args, environment).readable.settings ?? ''
  if (path === '') return { variable: environment, defects: [], file: undefined }
  const { text, failure } = readText(path)
  if (text === undefined) return { variable: environment, defects: [`The file of settings ${path} cannot be read: ${failure}`], file: undefined }
  const parsed = parseSettings(text)
  const flags = flagsByVariable(shape)
  const placeOf = (name: string): string | undefined => {
    if (args.some((arg) => arg.split('=')[0] === flags.get(name))) return 'arguments'
    return environment(name) === undefined ? undefined : 'variables'
  }
  const defects = [...parsed.defects, ...parsed.settings.flatMap((setting) => settingDefect(setting, [...flags.keys()], placeOf))]
    .sort((one, other) => one.line - other.line)
    .map(({ line, defect }) => `${path}:${line}: ${defect}`)
  const values = new Map(parsed.settings.map(({ name, value }) => [name, value]))
  return {
    variable: (name) => environment(name) ?? values.get(name),
    defects: firstDefects(defects, { max: DEFECTS_MAX }),
    file: { path, count: values.size },
  }
}

/** The variables that a file may set, each with its argument. A variable with _FILE exists only for a setting that may come from a file. */
function flagsByVariable(shape: Settings): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(shape).flatMap(([name, schema]): [string, string][] => {
      const direct: [string, string] = [variableOf(name), `--${flagOf(name)}`]
      return fileKindOf(schema) === undefined ? [direct] : [direct, [`${variableOf(name)}_FILE`, `--${flagOf(name)}-file`]]
    }),
  )
}

/** @param placeOf where a variable is set beside the file */
function settingDefect({ line, name }: SettingLine, names: readonly string[], placeOf: (name: string) => string | undefined): LineDefect[] {
  if (name === variableOf('settings')) return [{ line, defect: `${name}: this file cannot name another one; take the line out` }]
  if (!names.includes(name)) {
    const near = nearestName(name, names)
    return [{ line, defect: `${name}: this app has no such setting${near === undefined ? '' : `; did you mean ${near}?`}` }]
  }
  const place = placeOf(name)
  if (place === undefined) return []
  return [{ line, defect: `${name}: it is among the ${place} of the process too, where it cannot change; take it out of one of them` }]
}

function readText(file: string): { readonly text?: string; readonly failure?: string } {
  try {
    // The mark at the beginning is kept: the grammar says where it may be.
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readRegularFile(file, { bytesMax: FILE_BYTES_MAX })) }
  } catch (error) {
    return { failure: unreadableReason(error) }
  }
}
