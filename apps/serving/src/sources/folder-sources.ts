import type { DataFolder, Feed, FeedRecord, FolderState, StateReader } from '#event-log'
import { SqliteReadModels } from '#projections'
import { OnePartitionFeed } from '../feed/served-feed.ts'
import { partAt } from './newest-part.ts'
import { LOOK_BYTES_MAX, type ServingSources } from './serving-sources.ts'

/** A folder has one. */
const PARTITION = 0

/** Reads a list of the folder after a cursor. */
type ReadRecords = (after: number, limit: number) => Promise<readonly { readonly cursor: number; readonly record: string }[]>

/** The data of one cycle of a folder, for serving. The folder must be closed after the application. */
export function folderSources({ writer }: Pick<DataFolder, 'writer'>, { stateReader }: Pick<FolderState, 'stateReader'>): ServingSources {
  const state = stateReader()
  const models = new SqliteReadModels(state)
  return {
    models,
    feed: new OnePartitionFeed(state),
    late: listOf((after, limit) => state.late(after, limit)),
    partitionMetadata: async () => [await state.partitionMetadata(PARTITION)],
    names: async () => [await state.names(PARTITION)],
    async newest() {
      // Read first: events that are folded or accepted meanwhile are then found twice rather than not at all.
      const { frames: held, isAll } = writer.newestHeld(LOOK_BYTES_MAX)
      const [asOf, position] = [await models.asOf(), await state.position(PARTITION)]
      const foldedAt = Number.isFinite(asOf) ? asOf : undefined
      return { ...partAt(writer.newestFrames(PARTITION, LOOK_BYTES_MAX), position), foldedAt, held, isHeldAll: isAll }
    },
    building: buildingOf(state, writer.nextOffset(PARTITION)),
    close: () => state.close(),
  }
}

/** How far the fold has come, until it has reached the records that were in the log at the start. */
function buildingOf(state: Pick<StateReader, 'position'>, records: number): NonNullable<ServingSources['building']> {
  let isDone = false
  return async () => {
    if (isDone) return null
    const folded = ((await state.position(PARTITION))?.offset ?? -1) + 1
    isDone = folded >= records
    return isDone ? null : { folded, records }
  }
}

function listOf(read: ReadRecords): OnePartitionFeed {
  const feed: Pick<Feed, 'read'> = {
    read: async (after, limit) => (await read(after, limit)).map(({ cursor, record }): FeedRecord => ({ cursor, output: record })),
  }
  return new OnePartitionFeed(feed)
}
