import { existsSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { RondoError } from '#contracts'
import { identityOf } from '#cycle'
import { inspectFolder } from '#event-log'
import type { LiveDefinition } from '#process'

/** The folders of a process, and what it would fold there. */
export interface FolderUse {
  readonly data: string
  /** Empty without an archive. */
  readonly archive: string
  readonly definitions: readonly LiveDefinition[]
}

/**
 * What would keep a process from its work on its folders, for `--validate`: it also sees what is in the folder of a running process, and takes no
 * lock for longer than an instant. A folder that is missing is not made.
 */
export function folderDefects({ data, archive, definitions }: FolderUse): readonly RondoError[] {
  const places = [
    ['data', data],
    ['archive', archive],
  ] as const
  const defects = places.flatMap(([name, path]) => (path === '' ? [] : placeDefects(name, path)))
  return defects.length > 0 ? defects : changedDefinitions(data, definitions)
}

/**
 * The definitions with other rules than those by which the folder was folded.
 * @returns RONDO_DATA_MISMATCH for each, with the file and what to do; or why the folder cannot be read
 */
export function changedDefinitions(data: string, definitions: readonly LiveDefinition[]): readonly RondoError[] {
  if (!existsSync(join(data, 'log.db'))) return []
  try {
    const { states } = inspectFolder(data)
    for (const { reader } of states) reader.close()
    return definitions.flatMap(({ cycle, file }) => {
      const stored = states.find((state) => state.cycle === cycle.cycle)?.definition
      return stored === undefined || stored === identityOf(cycle).definition ? [] : [changedDefinition(file, cycle.cycle, data)]
    })
  } catch (failure) {
    if (!(failure instanceof RondoError)) throw failure
    // A start upgrades what an earlier release made.
    return failure.code === 'RONDO_DATA_MISMATCH' ? [] : [failure]
  }
}

function changedDefinition(file: string, cycle: string, data: string): RondoError {
  return new RondoError(
    'RONDO_DATA_MISMATCH',
    `${file}: the cycle ${cycle} has other rules than when the data folder ${data} was folded. What is stored and published follows the old ones, so a cycle cannot change: give the changed cycle a name of its own and start it beside the old one, put the file back as it was, or choose another data folder.`,
  )
}

/** Makes an empty folder there and removes it: rights do not say it all, such as on a disk that is read-only. */
function placeDefects(name: string, path: string): RondoError[] {
  const existing = existingPart(resolve(path))
  try {
    if (!statSync(existing).isDirectory()) return [unusable(name, path, `${existing} is a file, not a folder`)]
    rmdirSync(mkdtempSync(join(existing, '.rondo-validate-')))
    return []
  } catch (cause) {
    const verb = existing === resolve(path) ? 'nothing can be written there' : 'it is not there and cannot be made'
    return [unusable(name, path, `${verb} (${(cause as Error).message})`)]
  }
}

const existingPart = (path: string): string => (existsSync(path) || dirname(path) === path ? path : existingPart(dirname(path)))

const unusable = (name: string, path: string, what: string): RondoError =>
  new RondoError('RONDO_DATA_UNREADABLE', `--${name} ${path}: ${what}. Check the path, its permissions and the disk, or name another folder.`)
