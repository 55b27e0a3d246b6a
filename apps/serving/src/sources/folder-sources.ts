import type { DataFolder, Feed, FeedRecord } from '#event-log'
import { SqliteReadModels } from '#projections'
import { OnePartitionFeed } from '../feed/served-feed.ts'
import { partAt } from './newest-part.ts'
import { LOOK_BYTES_MAX, type ServingSources } from './serving-sources.ts'

/** A folder has one. */
const PARTITION = 0

/** Reads a list of the folder after a cursor. */
type ReadRecords = (after: number, limit: number) => Promise<readonly { readonly cursor: number; readonly record: string }[]>

/** The data of a folder, for serving. The folder must be closed after the application. */
export function folderSources(folder: Pick<DataFolder, 'stateReader' | 'writer'>): ServingSources {
  const state = folder.stateReader()
  const models = new SqliteReadModels(state)
  return {
    models,
    feed: new OnePartitionFeed(state),
    late: listOf((after, limit) => state.late(after, limit)),
    partitionMetadata: async () => [await state.partitionMetadata(PARTITION)],
    names: async () => [await state.names(PARTITION)],
    async newest() {
      // Read first: events that are folded or accepted meanwhile are then found twice rather than not at all.
      const { frames: held, isAll } = folder.writer.newestHeld(LOOK_BYTES_MAX)
      const [asOf, position] = [await models.asOf(), await state.position(PARTITION)]
      const foldedAt = Number.isFinite(asOf) ? asOf : undefined
      return { ...partAt(folder.writer.newestFrames(PARTITION, LOOK_BYTES_MAX), position), foldedAt, held, isHeldAll: isAll }
    },
    close: () => state.close(),
  }
}

function listOf(read: ReadRecords): OnePartitionFeed {
  const feed: Pick<Feed, 'read'> = {
    read: async (after, limit) => (await read(after, limit)).map(({ cursor, record }): FeedRecord => ({ cursor, output: record })),
  }
  return new OnePartitionFeed(feed)
}
