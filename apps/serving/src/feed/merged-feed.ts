import type { Feed, FeedRecord } from '#event-log'
import type { FeedCursor, ServedFeed, ServedRecord } from './served-feed.ts'

const NUMBER = /^\d{1,16}$/
const SEPARATOR = '.'
/** The time by which records are merged; records without one (late, refused) keep the order of the partitions. */
const NOTICED_AT = /"noticedAt":"([^"]{24})"/

/**
 * The feeds of several partitions as one list. There is no order between partitions, so of the records that can be read, those that were noticed
 * first come first. The order of each partition is kept, and so the order of each actor. A cursor contains the position in every partition,
 * so that a page after any record neither skips nor repeats one.
 */
export class MergedFeed implements ServedFeed {
  readonly start: string
  readonly #feeds: readonly Feed[]

  constructor(feeds: readonly Feed[]) {
    this.#feeds = feeds
    this.start = textOf(feeds.map(() => 0))
  }

  cursor(text: string): string | undefined {
    // The beginning of all partitions is written as one number, as in a log with one partition.
    if (text === '0') return this.start
    const parts = text.split(SEPARATOR)
    return parts.length === this.#feeds.length && parts.every((part) => NUMBER.test(part) && Number.isSafeInteger(Number(part))) ? text : undefined
  }

  async read(after: FeedCursor, limit: number): Promise<ServedRecord[]> {
    const from = cursorParts(after)
    const pages = await Promise.all(this.#feeds.map((feed, partition) => feed.read(from[partition] ?? 0, limit)))
    return merged(pages, from).slice(0, limit)
  }

  async newest(limit: number): Promise<ServedRecord[]> {
    const pages = await Promise.all(this.#feeds.map((feed) => feed.newest(limit)))
    // A cursor is the position after its record.
    const from = pages.map(([oldest]) => (oldest === undefined ? 0 : oldest.cursor - 1))
    return merged(pages, from).slice(-limit)
  }

  isBefore(cursor: FeedCursor, end: FeedCursor): boolean {
    const [parts, ends] = [cursorParts(cursor), cursorParts(end)]
    return parts.some((part, partition) => part < (ends[partition] ?? 0))
  }

  latest(one: FeedCursor, other: FeedCursor): string {
    const parts = cursorParts(other)
    return textOf(cursorParts(one).map((part, partition) => Math.max(part, parts[partition] ?? 0)))
  }
}

const textOf = (parts: readonly number[]): string => parts.join(SEPARATOR)
const cursorParts = (cursor: FeedCursor): number[] => String(cursor).split(SEPARATOR).map(Number)

function merged(pages: readonly (readonly FeedRecord[])[], from: readonly number[]): ServedRecord[] {
  const parts = [...from]
  const heads = pages.map(() => 0)
  const noticed = pages.map((page) => page.map(({ output }) => NOTICED_AT.exec(output)?.[1] ?? ''))
  const records: ServedRecord[] = []
  for (let next = earliest(noticed, heads); next >= 0; next = earliest(noticed, heads)) {
    const head = heads[next] as number
    const { cursor, output } = (pages[next] as FeedRecord[])[head] as FeedRecord
    parts[next] = cursor
    heads[next] = head + 1
    records.push({ cursor: textOf(parts), output })
  }
  return records
}

/** The partition whose next record was noticed first; -1 at the end of all. */
function earliest(noticed: readonly (readonly string[])[], heads: readonly number[]): number {
  let found = -1
  for (const [partition, times] of noticed.entries()) {
    const time = times[heads[partition] as number]
    const best = found < 0 ? undefined : noticed[found]?.[heads[found] as number]
    if (time !== undefined && (best === undefined || time < best)) found = partition
  }
  return found
}
