import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { RondoError } from '#contracts'
import { folderFailure } from './sqlite-failure.ts'

/** Creates a folder with its parents. @throws RondoError RONDO_DATA_UNREADABLE, RONDO_DATA_FULL */
export function makeFolder(path: string): void {
  try {
    makeWithParents(path)
  } catch (cause) {
    throw folderFailure(path, cause)
  }
}

/** Node's own function never ends below /proc, where nothing can be created. */
function makeWithParents(path: string): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return
    throw new RondoError('RONDO_DATA_UNREADABLE', `The data folder ${path} is a file, not a folder. Choose another data folder.`)
  }
  if (dirname(path) !== path) makeWithParents(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have created it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
