import { RondoError } from '#contracts'
import type { Complaints } from '../complaints.ts'
import { type DefinitionFile, readDefinitionFile } from './definition-file.ts'

/** The file that --definition names. Its defects come with it; its errors are counted among the complaints. */
export function readDefinitionFlag(path: string | undefined, complaints: Complaints): DefinitionFile | undefined {
  if (path === undefined) return complaints.add('--definition FILE is missing: the cycle definition to fold with.')
  const file = complaints.try(() => readDefinitionFile(path))
  const errors = (file?.defects ?? []).filter(({ severity }) => severity === 'error').length
  if (errors > 0) complaints.failures.push(new RondoError('RONDO_DEFINITION_INVALID', `The definition ${path} has ${errors} error${errors === 1 ? '' : 's'}.`))
  return file
}
