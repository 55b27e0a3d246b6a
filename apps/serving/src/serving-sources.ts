import type { ReadModels } from '#projections'
import type { RefusedLists } from './refused-records.ts'
import type { ServedFeed } from './served-feed.ts'

/** Where everything that is served comes from. */
export interface ServingSources {
  readonly models: ReadModels
  readonly feed: ServedFeed
  readonly refused: RefusedLists
  /** How often to look for news while somebody waits for them. */
  readonly lookMs?: number
  /** Called after the last answer. */
  close(): Promise<void> | void
}
