import { accessSync, constants, statSync } from 'node:fs'
import { RondoError } from '#contracts'
import type { ArgumentDefects } from '../argument-defects.ts'
import { fileReason } from '../failure.ts'

/** The name of an input in messages. */
export const inputName = (path: string): string => (path === '-' ? 'standard input' : path)

/** Checks that the input can be read; undefined if it cannot, or is not given. */
export function readInputPath(path: string | undefined, defects: ArgumentDefects): string | undefined {
  if (path === undefined) return defects.add('--input FILE is missing: the events; - for standard input.')
  defects.try(() => checkInput(path))
  return path
}

function checkInput(path: string): void {
  if (path === '-') return
  try {
    accessSync(path, constants.R_OK)
    if (!statSync(path).isDirectory()) return
  } catch (error) {
    throw new RondoError('RONDO_INPUT_UNREADABLE', `--input ${path} cannot be read: ${fileReason(error)}.`, { cause: error })
  }
  throw new RondoError('RONDO_INPUT_UNREADABLE', `--input ${path} cannot be read: it is a folder.`)
}
