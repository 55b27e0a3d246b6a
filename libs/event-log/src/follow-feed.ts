import { anyFailure, pause, retry } from '#runtime'
import type { Feed, FeedRecord } from './event-log.ts'

const PAGE = 1_000
const POLL_MS = 100
const RETRY_MS = 1_000

export interface FollowOptions {
  /** Where to go on: what was read last. 0 is the beginning. */
  readonly after: number
  readonly signal: AbortSignal
  /** Gets each page; where it rejects, it gets the same page again. */
  readonly deliver: (page: readonly FeedRecord[]) => Promise<void>
  /** Told after each page that was read and delivered, also of an empty one. */
  readonly onPage?: () => void
  readonly onError: (failure: unknown) => void
}

/** Reads one partition's feed on and on, page by page in its order, until the signal. */
export async function followFeed(feed: Pick<Feed, 'read'>, { after, signal, deliver, onPage, onError }: FollowOptions): Promise<void> {
  const options = { pauseMs: RETRY_MS, passes: anyFailure, onFailure: onError, signal }
  for (let cursor = after; !signal.aborted; ) {
    const page = await retry(async () => {
      const records = await feed.read(cursor, PAGE)
      if (records.length > 0) await deliver(records)
      return records
    }, options)
    if (page === undefined) return
    cursor = page.at(-1)?.cursor ?? cursor
    onPage?.()
    if (page.length === 0) await pause(POLL_MS, signal)
  }
}
