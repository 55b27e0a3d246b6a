import type { DataFolder, Feed, FeedRecord } from '#event-log'
import { SqliteReadModels } from '#projections'
import { OnePartitionFeed } from './served-feed.ts'
import { LOOK_BYTES_MAX, type ServingSources } from './serving-sources.ts'

/** A folder has one. */
const PARTITION = 0

type ReadRecords = (after: number, most: number) => Awaitable<readonly { readonly cursor: number; readonly record: string }[]>
type Awaitable<T> = T | Promise<T>

/** What a data folder holds, for who serves it. The folder is to be closed after the application. */
export function folderSources(folder: Pick<DataFolder, 'stateReader' | 'writer'>): ServingSources {
  const state = folder.stateReader()
  return {
    models: new SqliteReadModels(state),
    feed: new OnePartitionFeed(state),
    refused: {
      door: listOf((after, most) => folder.writer.quarantine(after, most)),
      log: listOf((after, most) => state.quarantine(after, most)),
      late: listOf((after, most) => state.late(after, most)),
    },
    summaries: async () => [await state.summary(PARTITION)],
    newestFrames: () => folder.writer.newestFrames(PARTITION, LOOK_BYTES_MAX),
    close: () => state.close(),
  }
}

function listOf(read: ReadRecords): OnePartitionFeed {
  const feed: Pick<Feed, 'read'> = {
    read: async (after, most) => (await read(after, most)).map(({ cursor, record }): FeedRecord => ({ cursor, output: record })),
  }
  return new OnePartitionFeed(feed)
}
