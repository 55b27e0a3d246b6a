import type { Feed } from '#event-log'

/**
 * A place in a list that grows at its end. Clients are to give it back as it came: it is a number where the log has one partition, else a
 * text with a number for each.
 */
export type FeedCursor = number | string

export interface ServedRecord {
  readonly cursor: FeedCursor
  readonly output: string
}

/** The feed as clients see it: one list, however many partitions the log has. */
export interface ServedFeed {
  /** Before everything. */
  readonly start: FeedCursor
  /** The cursor that a client gives back; undefined where this list never gave such a one. */
  cursor(text: string): FeedCursor | undefined
  /** Up to `limit` after a cursor, oldest first. */
  read(after: FeedCursor, limit: number): Promise<readonly ServedRecord[]>
  /** The newest ones, oldest of them first. */
  newest(limit: number): Promise<readonly ServedRecord[]>
  /** Whether something stands after `cursor`, where the list ends at `end`. */
  isBefore(cursor: FeedCursor, end: FeedCursor): boolean
}

const NUMBER = /^\d{1,16}$/

/** The feed of a log with one partition, under the cursors of that partition. */
export class OnePartitionFeed implements ServedFeed {
  readonly start = 0
  readonly #feed: Pick<Feed, 'read'> & Partial<Feed>

  /** @param feed what has no newest end is only read from its beginning */
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
}
