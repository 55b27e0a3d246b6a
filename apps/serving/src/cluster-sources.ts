import type { Feed, KafkaFeed, KafkaLog } from '#event-log'
import type { ReadModels } from '#projections'
import { MergedFeed } from './merged-feed.ts'
import { OnePartitionFeed, type ServedFeed } from './served-feed.ts'
import type { ServingSources } from './serving-sources.ts'

/** A look for news costs a request to each partition's broker. */
const LOOK_MS = 200

/**
 * What lies in Kafka and Redis, for who serves it. What ingest and the processors refuse lies in one list.
 * @param transitions of each partition; whoever opened them closes them
 */
export function clusterSources(log: KafkaLog, transitions: readonly KafkaFeed[], models: ReadModels): ServingSources {
  const feedsOf = (topic: 'late' | 'quarantine'): KafkaFeed[] => transitions.map((_, partition) => log.feed(partition, topic))
  const [late, quarantine] = [feedsOf('late'), feedsOf('quarantine')]
  const refused = oneOf(quarantine)
  return {
    models,
    feed: oneOf(transitions),
    refused: { door: refused, log: refused, late: oneOf(late) },
    lookMs: LOOK_MS,
    close: async () => {
      await Promise.all([...late, ...quarantine].map((feed) => feed.close()))
    },
  }
}

function oneOf(feeds: readonly KafkaFeed[]): ServedFeed {
  const [only] = feeds as readonly Feed[]
  return feeds.length === 1 && only !== undefined ? new OnePartitionFeed(only) : new MergedFeed(feeds)
}
