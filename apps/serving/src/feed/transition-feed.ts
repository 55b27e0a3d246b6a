import { z } from 'zod'
import { type Output, outputSchema, RondoError } from '#contracts'
import type { Narration } from '#projections'
import { cursorText, cycleParameter, flagParameter, readQuery, wholeNumber } from '../answers/query.ts'
import type { FeedWatch } from './feed-watch.ts'
import type { FeedCursor, ServedFeed, ServedRecord } from './served-feed.ts'

const PAGE_MAX = 1000
/** Many proxies give up a request that has no answer after 60 s; the feed answers sooner. */
const WAIT_S_MAX = 30

export const feedQuery = z
  .strictObject({
    after: cursorText.optional(),
    newest: wholeNumber(0, PAGE_MAX).optional(),
    limit: wholeNumber(1, PAGE_MAX).default(100),
    wait: wholeNumber(0, WAIT_S_MAX).default(0),
    words: flagParameter.default(false),
    cycle: cycleParameter,
  })
  .refine(({ after, newest }) => after === undefined || newest === undefined, { error: 'after and newest: expected one of them' })

const cursorSchema = z.union([z.int(), z.string()])
const itemSchema = z.strictObject({ cursor: cursorSchema, words: z.string().optional(), output: outputSchema })
/** The page as it is sent. Items are written as the text that was published, so the compiler cannot compare them. */
export const feedAnswer = { 'application/json': z.strictObject({ items: z.array(itemSchema), next: cursorSchema }), 'application/x-ndjson': z.string() }

/** One page of the feed: a JSON text for each record, and the cursor after it. */
export interface FeedPage {
  readonly items: readonly string[]
  readonly next: FeedCursor
}

/** The public feed over HTTP. Outputs are sent as the text that was published. */
export class TransitionFeed {
  readonly #feed: ServedFeed
  readonly #watch: FeedWatch
  readonly #narration: Narration

  constructor(feed: ServedFeed, watch: FeedWatch, narration: Narration) {
    this.#feed = feed
    this.#watch = watch
    this.#narration = narration
  }

  /**
   * After a cursor (default: from the beginning), or the `newest` outputs (0 for the present end alone); oldest first.
   * With `wait` seconds an empty page is delayed until there is an output.
   * @throws RondoError RONDO_ARGUMENT_INVALID
   */
  async page(query: unknown, unwanted: AbortSignal): Promise<FeedPage> {
    const { after: text, newest, limit, wait, words } = readQuery(feedQuery, query)
    if (newest !== undefined) return this.#newest(newest, words)
    const after = text === undefined ? this.#feed.start : cursorOf(this.#feed, text)
    let records = await this.#feed.read(after, limit)
    if (records.length === 0 && wait > 0) {
      await this.#watch.beyond(after, wait * 1000, unwanted)
      records = await this.#feed.read(after, limit)
    }
    return { items: this.#items(records, words), next: records.at(-1)?.cursor ?? after }
  }

  async #newest(limit: number, words: boolean): Promise<FeedPage> {
    const records = await this.#feed.newest(Math.max(1, limit))
    return { items: this.#items(limit === 0 ? [] : records, words), next: records.at(-1)?.cursor ?? this.#feed.start }
  }

  #items(records: readonly ServedRecord[], words: boolean): string[] {
    return records.map(({ cursor, output }) => {
      const sentence = words ? `,"words":${JSON.stringify(this.#narration.sentence(JSON.parse(output) as Output))}` : ''
      return `{"cursor":${JSON.stringify(cursor)}${sentence},"output":${output}}`
    })
  }
}

/** @throws RondoError RONDO_ARGUMENT_INVALID */
export function cursorOf(list: Pick<ServedFeed, 'cursor'>, text: string): FeedCursor {
  const cursor = list.cursor(text)
  if (cursor === undefined)
    throw new RondoError('RONDO_ARGUMENT_INVALID', 'The query cannot be used: after: expected a cursor that was given with this list, or 0.')
  return cursor
}
