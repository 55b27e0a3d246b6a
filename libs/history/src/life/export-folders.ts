import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Before the letters and digits that make the name of a folder unique. */
const prefixOf = (cycle: string): string => `export-${cycle}-`

/** A new folder beside the history of a cycle, for a file that is sent. */
export async function makeExportFolder(folder: string, cycle: string): Promise<string> {
  return await mkdtemp(join(folder, prefixOf(cycle)))
}

/** Removes those of a process that was killed. Only the process that has the history of this cycle open may call it, before it exports. */
export async function removeExportFolders(folder: string, cycle: string): Promise<void> {
  const prefix = prefixOf(cycle)
  for (const name of await readdir(folder)) {
    // The name of another cycle may begin with that of this one.
    if (!name.startsWith(prefix) || !/^[A-Za-z0-9]{6}$/.test(name.slice(prefix.length))) continue
    await rm(join(folder, name), { recursive: true, force: true })
  }
}
