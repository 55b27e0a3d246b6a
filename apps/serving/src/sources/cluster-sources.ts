import { type CycleLog, type Feed, type GroupPositions, type KafkaFeed, type KafkaLog, partitionOf } from '#event-log'
import type { ReadModels } from '#projections'
import { MergedFeed } from '../feed/merged-feed.ts'
import { OnePartitionFeed, type ServedFeed } from '../feed/served-feed.ts'
import { partAt } from './newest-part.ts'
import { LOOK_BYTES_MAX, type ServingSources } from './serving-sources.ts'

/** A poll costs a request to each partition's broker. */
const POLL_MS = 200

/** Where serving on Kafka reads what it shows of one cycle. */
export interface ClusterSetup {
  readonly log: Pick<CycleLog, 'feed' | 'names'> & Pick<KafkaLog, 'newestFrames'>
  /** One for each partition; the caller that opened them closes them. */
  readonly transitions: readonly KafkaFeed[]
  readonly groupPositions: Pick<GroupPositions, 'positions'>
  readonly models: ReadModels
}

/** The data in Kafka and Redis, for serving. */
export function clusterSources({ log, transitions, groupPositions, models }: ClusterSetup): ServingSources {
  const late = transitions.map((_, partition) => log.feed(partition, 'late'))
  const names = transitions.map((_, partition) => log.names(partition))
  return {
    models,
    feed: oneOf(transitions),
    late: oneOf(late),
    partitionMetadata: async () => (await groupPositions.positions()).map((position) => position?.partitionMetadata),
    names: () => Promise.all(names.map((each) => each.read())),
    async newest(actorId) {
      const partition = partitionOf(actorId, transitions.length)
      const position = (await groupPositions.positions())[partition]
      const foldedAt = position !== undefined && Number.isFinite(position.logTime) ? position.logTime : undefined
      return { ...partAt(await log.newestFrames(partition, LOOK_BYTES_MAX), position), foldedAt, held: [], isHeldAll: true }
    },
    pollMs: POLL_MS,
    close: async () => {
      await Promise.all([...late, ...names].map((each) => each.close()))
    },
  }
}

function oneOf(feeds: readonly KafkaFeed[]): ServedFeed {
  const [only] = feeds as readonly Feed[]
  return feeds.length === 1 && only !== undefined ? new OnePartitionFeed(only) : new MergedFeed(feeds)
}
