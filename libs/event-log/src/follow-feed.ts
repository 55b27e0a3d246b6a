import { anyFailure, pause, retry } from '#runtime'
import type { Feed, FeedRecord } from './event-log.ts'

/** The number of records in a page. */
const PAGE_RECORDS = 1_000
/** The pause after an empty page: how late a new record is seen at most. */
const POLL_MS = 100
/** The pause after a failure to read. */
const RETRY_MS = 1_000

/** How {@link followFeed} reads a feed and what it calls. */
export interface FollowOptions {
  /** The cursor to continue after. 0 is the beginning. */
  readonly after: number
  readonly signal: AbortSignal
  /** Gets each page; if it rejects, it gets the same page again. */
  readonly deliver: (page: readonly FeedRecord[]) => Promise<void>
  /** Called after each page that was read and delivered, also an empty one. */
  readonly onPage?: () => void
  readonly onError: (failure: unknown) => void
}

/** Reads the feed of one partition without end, page by page in its order, until the signal. */
export async function followFeed(feed: Pick<Feed, 'read'>, { after, signal, deliver, onPage, onError }: FollowOptions): Promise<void> {
  const options = { pauseMs: RETRY_MS, retryOn: anyFailure, onFailure: onError, signal }
  for (let cursor = after; !signal.aborted; ) {
    const page = await retry(async () => {
      const records = await feed.read(cursor, PAGE_RECORDS)
      if (records.length > 0) await deliver(records)
      return records
    }, options)
    if (page === undefined) return
    cursor = page.at(-1)?.cursor ?? cursor
    onPage?.()
    if (page.length === 0) await pause(POLL_MS, signal)
  }
}
