import type { Feed, FeedRecord } from '#event-log'
import type { FeedCursor, ServedFeed, ServedRecord } from './served-feed.ts'

const NUMBER = /^\d{1,16}$/
const SEPARATOR = '.'
/** Outputs carry it once; what has none (late, refused) keeps the order of the partitions. */
const NOTICED_AT = /"noticedAt":"([^"]{24})"/

/**
 * The feeds of several partitions as one list. There is no order between partitions, so what was noticed first comes first among what
 * is there to read; the order of each partition is kept, and so that of each actor. A cursor holds the place in every partition,
 * so a page after any record neither leaves out nor repeats one.
 */
export class MergedFeed implements ServedFeed {
  readonly start: string
  readonly #feeds: readonly Feed[]

  constructor(feeds: readonly Feed[]) {
    this.#feeds = feeds
    this.start = textOf(feeds.map(() => 0))
  }

  cursor(text: string): string | undefined {
    // What begins everywhere is written with one number, too, as in a log of one partition.
    if (text === '0') return this.start
    const places = text.split(SEPARATOR)
    return places.length === this.#feeds.length && places.every((place) => NUMBER.test(place) && Number.isSafeInteger(Number(place))) ? text : undefined
  }

  async read(after: FeedCursor, limit: number): Promise<ServedRecord[]> {
    const from = placesOf(after)
    const pages = await Promise.all(this.#feeds.map((feed, partition) => feed.read(from[partition] ?? 0, limit)))
    return merged(pages, from).slice(0, limit)
  }

  async newest(limit: number): Promise<ServedRecord[]> {
    const pages = await Promise.all(this.#feeds.map((feed) => feed.newest(limit)))
    // A cursor names the place behind its record.
    const from = pages.map(([oldest]) => (oldest === undefined ? 0 : oldest.cursor - 1))
    return merged(pages, from).slice(-limit)
  }

  isBefore(cursor: FeedCursor, end: FeedCursor): boolean {
    const [places, ends] = [placesOf(cursor), placesOf(end)]
    return places.some((place, partition) => place < (ends[partition] ?? 0))
  }
}

const textOf = (places: readonly number[]): string => places.join(SEPARATOR)
const placesOf = (cursor: FeedCursor): number[] => String(cursor).split(SEPARATOR).map(Number)

function merged(pages: readonly (readonly FeedRecord[])[], from: readonly number[]): ServedRecord[] {
  const places = [...from]
  const heads = pages.map(() => 0)
  const noticed = pages.map((page) => page.map(({ output }) => NOTICED_AT.exec(output)?.[1] ?? ''))
  const records: ServedRecord[] = []
  for (let next = earliest(noticed, heads); next >= 0; next = earliest(noticed, heads)) {
    const head = heads[next] as number
    const { cursor, output } = (pages[next] as FeedRecord[])[head] as FeedRecord
    places[next] = cursor
    heads[next] = head + 1
    records.push({ cursor: textOf(places), output })
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
