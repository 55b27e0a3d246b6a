import { join } from 'node:path'
import type { CycleDefinition, Output } from '#contracts'
import { compileCycle, identityOf } from '#cycle'
import type { FolderState } from '#event-log'
import { HistoryFile, HistoryFollower } from '#history'
import { openCycleFolder } from '#projections'
import { folderHistory } from '../../apps/serving/src/history/folder-history.ts'
import { expectedRelations, type Relations } from '../history/expected-relations.ts'
import { relationsOf } from '../history/followed-folder.ts'
import type { FolderContents } from './folder-contents.ts'

/** The defects of the history of a cycle in a folder whose process was killed repeatedly, after it was followed to its end. */
export async function historyDefects(path: string, definition: CycleDefinition, { records, feed }: FolderContents): Promise<string[]> {
  const { relations, rebuilt } = await storedHistory(path, definition)
  const expected = expectedRelations(
    definition,
    records,
    feed.map((text) => JSON.parse(text) as Output),
  )
  const different = Object.entries(expected).flatMap(([name, rows]) => {
    const found = relations[name as keyof Relations]
    const first = rows.findIndex((row, at) => row !== found[at])
    if (first < 0 && rows.length === found.length) return []
    return [`${name} has ${found.length} rows, and should have ${rows.length}; they differ from ${found[first]}, which should be ${rows[first]}`]
  })
  return [...(rebuilt === undefined ? [] : [`the history did not continue: ${rebuilt}`]), ...different]
}

async function storedHistory(path: string, definition: CycleDefinition): Promise<{ relations: Relations; rebuilt: string | undefined }> {
  const cycle = compileCycle(definition)
  const folder = openCycleFolder(path, cycle)
  try {
    const source = await folderHistory(folder, folder.states[0] as FolderState)
    const identity = { ...identityOf(cycle, 1), ...source.log }
    const history = await HistoryFile.open({ path: join(path, `history-${cycle.cycle}.duckdb`), actorType: cycle.actorType, partitions: 1, identity })
    const follower = await HistoryFollower.resume(history, { cycle, generation: 1, source })
    while ((await follower.step()).isMore);
    const stored = { relations: await relationsOf(history), rebuilt: history.rebuilt }
    await history.close()
    await source.close()
    return stored
  } finally {
    await folder.close()
  }
}
