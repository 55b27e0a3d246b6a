import { setTimeout as wait } from 'node:timers/promises'
import { RondoError } from '#contracts'
import type { FeedCursor, ServedRecord } from '../feed/served-feed.ts'
import { LiveGroups } from './live-groups.ts'
import type { LiveSources } from './live-sources.ts'
import type { LiveStream } from './live-stream.ts'
import { resetText } from './live-text.ts'

/** Outputs of this time go to a client in one write. */
const GATHER_MS = 100
/** How many outputs are read at once. */
const PAGE = 500
/** A wait for the next output ends after this time, and begins again. */
const WAIT_MS = 10_000
/** How long after a failure the feed is read again. */
const AGAIN_MS = 1_000

const NOT_KEPT = 'the outputs after this place are not kept any more'

/** The records after a cursor; undefined if they cannot be read now, `lost` if they are not kept any more. */
type Reading = readonly ServedRecord[] | 'lost' | undefined

/**
 * The outputs of one cycle for its live streams: one reading of the feed serves all of them. A stream that begins at an earlier place reads by
 * itself, at the pace of its client, until it is where the shared reading is. While there is no stream nothing is read.
 */
export class LiveOutputs {
  readonly #sources: LiveSources
  readonly #groups: LiveGroups
  readonly #streams = new Set<LiveStream>()
  readonly #closing = new AbortController()
  /** Where the shared reading is; undefined while it does not run. */
  #head: FeedCursor | undefined

  constructor(sources: LiveSources) {
    this.#sources = sources
    this.#groups = new LiveGroups(sources)
  }

  /** The present end of the feed. */
  async end(): Promise<FeedCursor> {
    const { feed } = this.#sources
    return (await feed.newest(1)).at(-1)?.cursor ?? feed.start
  }

  /** Why a client cannot continue after a cursor: the feed ends before it, or begins behind it. Undefined if it can. */
  async defectOf(after: FeedCursor): Promise<string | undefined> {
    if (this.#sources.feed.isBefore(await this.end(), after)) return 'the feed ends before this place'
    return (await this.#read(after)) === 'lost' ? NOT_KEPT : undefined
  }

  /** Gives a stream the outputs after its cursor, from now on. @param end the present end of the feed, or a place before it */
  add(stream: LiveStream, end: FeedCursor): void {
    this.#streams.add(stream)
    if (this.#head === undefined) {
      this.#head = end
      void this.#follow()
    }
    void this.#catchUp(stream)
  }

  remove(stream: LiveStream): void {
    this.#streams.delete(stream)
    this.#groups.remove(stream)
  }

  close(): void {
    this.#closing.abort()
  }

  async #catchUp(stream: LiveStream): Promise<void> {
    while (stream.isOpen) {
      if (this.#head === undefined || !this.#sources.feed.isBefore(stream.cursor, this.#head)) return this.#groups.add(stream)
      await stream.emptied()
      const records = await this.#read(stream.cursor)
      if (records === 'lost') await this.#reset([stream])
      else if (records === undefined || records.length === 0) await this.#pause(AGAIN_MS)
      else this.#groups.giveTo(stream, records)
    }
  }

  async #follow(): Promise<void> {
    while (this.#streams.size > 0 && !this.#closing.signal.aborted) {
      const head = this.#head as FeedCursor
      await this.#sources.watch.beyond(head, WAIT_MS, this.#closing.signal)
      const records = await this.#read(head)
      if (records === 'lost') this.#head = await this.#reset(this.#streams)
      else if (records === undefined) await this.#pause(AGAIN_MS)
      else this.#deliver(records, head)
      // A full page is followed by more.
      if (records?.length !== PAGE) await this.#pause(GATHER_MS)
    }
    this.#head = undefined
  }

  #deliver(records: readonly ServedRecord[], head: FeedCursor): void {
    this.#groups.deliver(records, head)
    this.#head = records.at(-1)?.cursor ?? head
  }

  async #read(after: FeedCursor): Promise<Reading> {
    try {
      return await this.#sources.feed.read(after, PAGE)
    } catch (failure) {
      return failure instanceof RondoError && failure.code === 'RONDO_LOG_INCOMPLETE' ? 'lost' : undefined
    }
  }

  /** Lets streams continue at the present end, and tells them. */
  async #reset(streams: Iterable<LiveStream>): Promise<FeedCursor> {
    const end = await this.end().catch(() => this.#sources.feed.start)
    for (const stream of streams) {
      stream.cursor = end
      stream.give(Buffer.from(resetText(NOT_KEPT, end)))
    }
    return end
  }

  async #pause(ms: number): Promise<void> {
    // Rejects when the streams are closed.
    await wait(ms, undefined, { signal: this.#closing.signal }).catch(() => {})
  }
}
