import type { EventName } from '#contracts'
import type { ReadModels } from '#projections'
import type { ServedFeed } from '../feed/served-feed.ts'
import type { NewestPart } from './newest-part.ts'

/** The part of the log that is searched for one actor, in bytes: some 30,000 events, in less than a tenth of a second. */
export const LOOK_BYTES_MAX = 8 << 20

/** The sources of everything that is served of one cycle. */
export interface ServingSources {
  readonly models: ReadModels
  readonly feed: ServedFeed
  readonly late: ServedFeed
  /** The metadata of each partition, of its last batch as the fold wrote it; undefined if it is not available. */
  partitionMetadata(): Promise<readonly (string | undefined)[]>
  /** The names of events of each partition; empty if nothing was folded. */
  names(): Promise<readonly (readonly EventName[])[]>
  /** The newest part of the partition in which the actor's events would be, with a limit. */
  newest(actorId: string): Promise<NewestPart>
  /** How many records of the log are folded, and how many there were at the start, while a new cycle is folded from the beginning of the log; then null. */
  readonly building?: (() => Promise<{ readonly folded: number; readonly records: number } | null>) | undefined
  /** The time between two polls of the feed while a request waits for it. */
  readonly pollMs?: number
  /** Called after the last answer. */
  close(): Promise<void> | void
}
