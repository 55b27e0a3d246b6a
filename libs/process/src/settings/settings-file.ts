import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { nearestName } from '#cycle'
import { flagOf, readConfiguration, type Settings, variableOf } from './configuration.ts'

/** A file with settings: what is in the environment of a process cannot change while it runs. */
export const settingsFileSetting = {
  settings: z.string().prefault('').describe('a file with settings, such as RONDO_STALL=90s, a line each; it is read again by a reload'),
}

/** Where the texts of settings come from. */
export interface Variables {
  /** The text of a variable: of the environment, or of the file. */
  readonly variable: (name: string) => string | undefined
  /** What is wrong with the file. */
  readonly defects: readonly string[]
}

/** NAME=value on one line; a value in quotes ends on its line. */
const LINE = /^(?:export\s+)?(\w+)\s*=\s*(?:"[^"]*"|'[^']*'|[^"'\s][^\n]*)?\s*(?:#.*)?$/

/**
 * The environment and, below it, the file that `--settings` or RONDO_SETTINGS names.
 * @param environment the value of an environment variable
 */
export function readVariables(shape: Settings, args: readonly string[], environment: (name: string) => string | undefined): Variables {
  const file = fileOf(args, environment)
  if (file === '') return { variable: environment, defects: [] }
  const { text, failure } = readText(file)
  if (text === undefined) return { variable: environment, defects: [`The file of settings ${file} cannot be read: ${failure}`] }
  const values = parseEnv(text) as Readonly<Record<string, string>>
  const names = Object.keys(shape).map(variableOf)
  const given = new Set(Object.keys(shape).flatMap((name) => (args.some((arg) => arg.split('=')[0] === `--${flagOf(name)}`) ? [variableOf(name)] : [])))
  const placeOf = (name: string): string | undefined => (given.has(name) ? 'arguments' : environment(name) === undefined ? undefined : 'variables')
  const defects = text.split(/\r?\n/).flatMap((line, at) => {
    const defect = lineDefect(line.trim(), names, placeOf)
    return defect === undefined ? [] : [`${file}:${at + 1}: ${defect}`]
  })
  return { variable: (name) => environment(name) ?? values[name], defects }
}

function fileOf(args: readonly string[], environment: (name: string) => string | undefined): string {
  return readConfiguration(settingsFileSetting, args, environment).readable.settings ?? ''
}

/** @param placeOf where a variable is set beside the file */
function lineDefect(line: string, names: readonly string[], placeOf: (name: string) => string | undefined): string | undefined {
  if (line === '' || line.startsWith('#')) return undefined
  const [, name] = LINE.exec(line) ?? []
  if (name === undefined) return 'expected NAME=value on one line, such as RONDO_STALL=90s'
  if (name === variableOf('settings')) return `${name}: this file cannot name another one`
  if (!names.includes(name.replace(/_FILE$/, ''))) {
    const near = nearestName(name, names)
    return `${name}: this app has no such setting${near === undefined ? '' : `; did you mean ${near}?`}`
  }
  const place = placeOf(name)
  return place && `${name}: it is among the ${place} of the process too, where it cannot change; take it out of one of them`
}

function readText(file: string): { readonly text?: string; readonly failure?: string } {
  try {
    return { text: readFileSync(file, 'utf8') }
  } catch (error) {
    return { failure: (error as Error).message }
  }
}
