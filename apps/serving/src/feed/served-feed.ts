import type { Feed } from '#event-log'

/**
 * A position in a list that grows at its end. Clients send it back unchanged: it is a number if the log has one partition, otherwise a
 * text with a number for each.
 */
export type FeedCursor = number | string

/** An output of the feed as JSON, with the cursor that clients see. */
export interface ServedRecord {
  readonly cursor: FeedCursor
  readonly output: string
}

/** The feed as clients see it: one list, however many partitions the log has. */
export interface ServedFeed {
  /** The cursor before all records. */
  readonly start: FeedCursor
  /** The cursor from a client's text; undefined if this list never gave such a text. */
  cursor(text: string): FeedCursor | undefined
  /** Up to `limit` records after a cursor, oldest first. */
  read(after: FeedCursor, limit: number): Promise<readonly ServedRecord[]>
  /** The newest ones, the oldest of them first. */
  newest(limit: number): Promise<readonly ServedRecord[]>
  /** Whether there is a record after `cursor`, if the list ends at `end`. */
  isBefore(cursor: FeedCursor, end: FeedCursor): boolean
  /** The place before which all is that is before either of two. */
  latest(one: FeedCursor, other: FeedCursor): FeedCursor
}

const NUMBER = /^\d{1,16}$/

/** The feed of a log with one partition, under the cursors of that partition. */
export class OnePartitionFeed implements ServedFeed {
  readonly start = 0
  readonly #feed: Pick<Feed, 'read'> & Partial<Feed>

  /** @param feed a list without a newest end is only read from its beginning */
  constructor(feed: Pick<Feed, 'read'> & Partial<Feed>) {
    this.#feed = feed
  }

  cursor(text: string): number | undefined {
    return NUMBER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
  }

  read(after: FeedCursor, limit: number): Promise<readonly ServedRecord[]> {
    return this.#feed.read(Number(after), limit)
  }

  async newest(limit: number): Promise<readonly ServedRecord[]> {
    return (await this.#feed.newest?.(limit)) ?? []
  }

  isBefore(cursor: FeedCursor, end: FeedCursor): boolean {
    return Number(cursor) < Number(end)
  }

  latest(one: FeedCursor, other: FeedCursor): number {
    return Math.max(Number(one), Number(other))
  }
}
