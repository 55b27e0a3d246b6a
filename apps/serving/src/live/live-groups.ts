import type { Output } from '#contracts'
import type { FeedCursor, ServedRecord } from '../feed/served-feed.ts'
import type { LiveFilter } from './live-query.ts'
import type { LiveSources } from './live-sources.ts'
import type { LiveStream } from './live-stream.ts'
import { eventText, outputData } from './live-text.ts'

/** The streams with one filter. */
interface Group {
  readonly filter: LiveFilter
  readonly streams: Set<LiveStream>
}

/** A record that is read once for all streams. */
interface ReadRecord {
  readonly cursor: FeedCursor
  readonly output: Output
  readonly data: string
}

/** The streams that follow the shared reading, by their filters: what passes a filter is written once for all streams that have it. */
export class LiveGroups {
  readonly #sources: Pick<LiveSources, 'feed' | 'narration'>
  readonly #groups = new Map<string, Group>()

  constructor(sources: Pick<LiveSources, 'feed' | 'narration'>) {
    this.#sources = sources
  }

  add(stream: LiveStream): void {
    const { filter } = stream.order
    const group = this.#groups.get(filter.key) ?? { filter, streams: new Set() }
    this.#groups.set(filter.key, group)
    group.streams.add(stream)
  }

  remove(stream: LiveStream): void {
    const { key } = stream.order.filter
    const group = this.#groups.get(key)
    group?.streams.delete(stream)
    if (group?.streams.size === 0) this.#groups.delete(key)
  }

  /** Gives the records after `before` to every stream. One that is ahead of it, because it has read by itself, gets only what it does not have. */
  deliver(records: readonly ServedRecord[], before: FeedCursor): void {
    const end = records.at(-1)?.cursor
    if (end === undefined) return
    const read = records.map((record) => this.#read(record))
    for (const { filter, streams } of this.#groups.values()) {
      const passed = read.filter(({ output }) => filter.passes(output))
      const text = Buffer.from(passed.map(({ cursor, data }) => eventText('output', data, cursor)).join(''))
      for (const stream of [...streams]) {
        if (stream.cursor === before) giveAll(stream, text, end)
        else this.#giveTo(stream, read)
      }
    }
  }

  /** Gives one stream the records that it reads by itself. */
  giveTo(stream: LiveStream, records: readonly ServedRecord[]): void {
    this.#giveTo(
      stream,
      records.map((record) => this.#read(record)),
    )
  }

  #giveTo(stream: LiveStream, records: readonly ReadRecord[]): void {
    const { feed } = this.#sources
    const texts: string[] = []
    for (const { cursor, output, data } of records) {
      if (!feed.isBefore(stream.cursor, cursor)) continue
      stream.cursor = feed.latest(stream.cursor, cursor)
      if (stream.order.filter.passes(output)) texts.push(eventText('output', data, stream.cursor))
    }
    stream.give(Buffer.from(texts.join('')))
  }

  #read({ cursor, output: text }: ServedRecord): ReadRecord {
    const output = JSON.parse(text) as Output
    return { cursor, output, data: outputData(text, output, this.#sources.narration) }
  }
}

function giveAll(stream: LiveStream, text: Buffer, end: FeedCursor): void {
  stream.cursor = end
  stream.give(text)
}
