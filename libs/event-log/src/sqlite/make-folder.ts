import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { RondoError } from '#contracts'

/** Creates a folder with its parents. Node's own function never ends below /proc, where nothing can be created. */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return
    throw new RondoError('RONDO_DATA_UNREADABLE', `The data folder ${path} is a file, not a folder. Choose another data folder.`)
  }
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have created it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
