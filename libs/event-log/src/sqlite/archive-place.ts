import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { RondoError } from '#contracts'

/**
 * Checks that an archive can have its folder beside a data folder. One may be in the other, but neither may have the files of the other.
 * @throws RondoError RONDO_ARGUMENT_INVALID
 */
export function checkArchivePlace(data: string, archive: string): void {
  const [dataPath, archivePath] = [realPath(resolve(data)), realPath(resolve(archive))]
  const inArchive = relative(archivePath, dataPath)
  if (inArchive === '') throw invalidPlace(archive, 'it is the data folder')
  if (/^partition=\d+(?:[/\\]|$)/.test(inArchive)) throw invalidPlace(archive, `the data folder ${data} is among its files`)
  if (statSync(archivePath, { throwIfNoEntry: false })?.isDirectory() === false) throw invalidPlace(archive, 'it is a file')
}

function invalidPlace(archive: string, what: string): RondoError {
  return new RondoError('RONDO_ARGUMENT_INVALID', `--archive ${archive}: ${what}. Name a folder of its own for the archive.`)
}

/** The path without links, also if its last parts do not exist yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path))
  }
}
