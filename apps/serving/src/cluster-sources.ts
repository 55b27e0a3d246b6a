import type { Feed, KafkaFeed, KafkaLog } from '#event-log'
import type { ReadModels } from '#projections'
import { MergedFeed } from './merged-feed.ts'
import { OnePartitionFeed, type ServedFeed } from './served-feed.ts'
import type { ServingSources } from './serving-sources.ts'

/** A look for news costs a request to each partition's broker. */
const LOOK_MS = 200

/** What lies in Kafka and Redis, for who serves it. What ingest and the processors refuse lies in one list. */
export function clusterSources(log: KafkaLog, partitions: number, models: ReadModels): ServingSources {
  const lists = (['transitions', 'late', 'quarantine'] as const).map((topic) =>
    Array.from({ length: partitions }, (_, partition) => log.feed(partition, topic)),
  )
  const [transitions, late, quarantine] = lists.map((feeds) => oneOf(feeds)) as [ServedFeed, ServedFeed, ServedFeed]
  return {
    models,
    feed: transitions,
    refused: { door: quarantine, log: quarantine, late },
    lookMs: LOOK_MS,
    close: async () => {
      await Promise.all(lists.flat().map((feed) => feed.close()))
    },
  }
}

function oneOf(feeds: readonly KafkaFeed[]): ServedFeed {
  const [only] = feeds as readonly Feed[]
  return feeds.length === 1 && only !== undefined ? new OnePartitionFeed(only) : new MergedFeed(feeds)
}
