import { RondoError } from '#contracts'
import type { ArgumentDefects } from '../argument-defects.ts'
import { type DefinitionFile, readDefinitionFile } from './definition-file.ts'

/** The definition that --definition names, with the defects of the file. Its errors are added to the defects of the arguments. */
export function readDefinitionFlag(path: string | undefined, defects: ArgumentDefects): DefinitionFile | undefined {
  if (path === undefined) return defects.add('--definition FILE is missing: the cycle definition of the replay.')
  const file = defects.try(() => readDefinitionFile(path))
  const errors = (file?.defects ?? []).filter(({ severity }) => severity === 'error').length
  if (errors > 0) defects.failures.push(new RondoError('RONDO_DEFINITION_INVALID', `The definition ${path} has ${errors} error${errors === 1 ? '' : 's'}.`))
  return file
}
