import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { fileReason, invalidArgument } from '../failure.ts'

/**
 * The repair in a file of YAML or JSON; the server checks it.
 * @throws RondoError RONDO_ARGUMENT_INVALID if the file cannot be read
 */
export function readRepair(path: string | undefined): unknown {
  if (path === undefined) return undefined
  const document = parseDocument(textOf(path), { prettyErrors: false, stringKeys: true, schema: 'core', merge: false, logLevel: 'silent' })
  const [error] = document.errors
  if (error !== undefined) throw invalidArgument(`--repair ${path}: this is not YAML: ${error.message}.`)
  return document.toJS() as unknown
}

function textOf(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    throw invalidArgument(`--repair ${path} cannot be read: ${fileReason(error)}.`)
  }
}
