import { archivedRead, type DataFolder, FolderHistory, type FolderState } from '#event-log'
import type { HistorySource } from '#history'
import { decodeRecord } from '#pipeline'
import { SqliteReadModels } from '#projections'

/** A folder has one. */
const PARTITION = 0

/**
 * What history follows of one cycle of a data folder.
 * @param archive the folder of the archive, if it is not where it was when the log was trimmed
 */
export async function folderHistory(
  { path }: Pick<DataFolder, 'path'>,
  { stateReader }: Pick<FolderState, 'stateReader'>,
  archive?: string,
): Promise<HistorySource> {
  const log = new FolderHistory(path)
  const state = stateReader()
  const models = new SqliteReadModels(state)
  const openArchive = async () => {
    const folder = archive ?? log.archive
    if (folder === undefined) return undefined
    // Parquet is loaded only where the log no longer has all of its frames.
    const { FolderArchive } = await import('#archive')
    return new FolderArchive(folder, log.name)
  }
  let opened: ReturnType<typeof openArchive> | undefined
  const read = archivedRead(
    (offset, { bytesMax }) => log.read(PARTITION, offset, bytesMax),
    PARTITION,
    () => (opened ??= openArchive()),
  )
  return {
    log: log.name,
    decode: decodeRecord,
    async folded() {
      // The time first: the position is then at it or after it.
      const logTime = await models.asOf()
      const position = await state.position(PARTITION)
      return [position && { offset: position.offset, index: position.index, logTime }]
    },
    partitions: [
      {
        outputs: (after, limit) => state.read(after, limit),
        late: async (after, limit) => (await state.late(after, limit)).map(({ cursor, record }) => ({ cursor, output: record })),
        records: (offset, bytesMax) => read(offset, { bytesMax, waitMs: 0 }),
      },
    ],
    async close() {
      await (await opened?.catch(() => undefined))?.close()
      log.close()
      state.close()
    },
  }
}
