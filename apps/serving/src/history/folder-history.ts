import { type DataFolder, FolderHistory, type FolderState, folderRecords } from '#event-log'
import { type HistorySource, stateSource } from '#history'
import { decodeRecord } from '#pipeline'
import { SqliteReadModels } from '#projections'

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
  // Parquet is loaded only where the log no longer has all of its frames.
  const records = folderRecords(log, async (folder) => new (await import('#archive')).FolderArchive(folder, log.name), archive)
  const state = stateReader()
  const models = new SqliteReadModels(state)
  return stateSource({
    log: log.name,
    decode: decodeRecord,
    partitions: [{ state, records: records.read }],
    logTime: () => models.asOf(),
    async close() {
      await records.close()
      state.close()
    },
  })
}
