import type { CycleDefinition } from '#contracts'
import type { Narration, ReadModels } from '#projections'
import type { Clock } from '#runtime'
import type { FeedWatch } from '../feed/feed-watch.ts'
import type { ServedFeed } from '../feed/served-feed.ts'

/** Where the live streams of one cycle get what they show. */
export interface LiveSources {
  readonly definition: Pick<CycleDefinition, 'cycle' | 'stages'>
  readonly feed: ServedFeed
  readonly watch: FeedWatch
  readonly models: Pick<ReadModels, 'asOf' | 'stageCounts'>
  readonly narration: Narration
  readonly clock: Clock
}
