import type { Readable } from 'node:stream'
import { RondoError } from '#contracts'
import { readQuery } from '../answers/query.ts'
import type { FeedCursor } from '../feed/served-feed.ts'
import { cursorOf } from '../feed/transition-feed.ts'
import type { LiveBudget } from './live-budget.ts'
import { LiveOutputs } from './live-outputs.ts'
import { LivePulse } from './live-pulse.ts'
import { LiveFilter, liveQuery } from './live-query.ts'
import type { LiveSources } from './live-sources.ts'
import { LiveStream } from './live-stream.ts'
import { resetText } from './live-text.ts'

/** Who asks for a stream. */
export interface LiveClient {
  /** The header Last-Event-ID: the id of the last event that it has read, before its connection was lost. */
  readonly lastEventId?: string | undefined
  /** Whether its key is still valid; asked from time to time. */
  readonly isAllowed: () => boolean
}

/** Where a stream begins, and why that is not where its client was. */
interface Beginning {
  readonly cursor: FeedCursor
  readonly end: FeedCursor
  readonly reset?: string | undefined
}

/** The live streams of one cycle. */
export class LiveCycle {
  readonly #sources: LiveSources
  readonly #budget: LiveBudget
  readonly #streams = new Set<LiveStream>()
  readonly #outputs: LiveOutputs
  readonly #pulse: LivePulse
  #isClosed = false

  constructor(sources: LiveSources, budget: LiveBudget) {
    this.#sources = sources
    this.#budget = budget
    this.#outputs = new LiveOutputs(sources)
    this.#pulse = new LivePulse(sources, this.#streams)
  }

  /**
   * A new stream, as the body of an answer.
   * @throws RondoError RONDO_ARGUMENT_INVALID; RONDO_OVERLOADED if there are too many; RONDO_LOG_UNAVAILABLE
   */
  async open(query: unknown, { lastEventId, isAllowed }: LiveClient): Promise<Readable> {
    const { definition } = this.#sources
    const { events, after, ...choice } = readQuery(liveQuery, query)
    const filter = new LiveFilter(choice, definition)
    const { cursor, end, reset } = await this.#beginning(after, lastEventId)
    if (this.#isClosed) throw new RondoError('RONDO_OVERLOADED', 'This process ends. Ask again.', { retriable: true })
    this.#budget.admit(definition.cycle)
    const stream = new LiveStream({ cycle: definition.cycle, events, filter, isAllowed }, cursor, this.#budget)
    stream.onClose = () => this.#leave(stream)
    this.#streams.add(stream)
    if (reset !== undefined) stream.give(Buffer.from(resetText(reset, cursor)))
    await this.#pulse.begin(stream)
    if (stream.isOpen && events.has('output')) this.#outputs.add(stream, end)
    return stream.body
  }

  /** Ends all streams, each behind what waits for its client, which then connects again. */
  close(): void {
    this.#isClosed = true
    this.#outputs.close()
    for (const stream of [...this.#streams]) stream.end()
  }

  async #beginning(after: string | undefined, lastEventId: string | undefined): Promise<Beginning> {
    const { feed } = this.#sources
    // Where a browser connects again, its address is the one of its first request: what it has read since then counts.
    const asked = lastEventId === undefined || lastEventId === '' ? after : lastEventId
    const end = await this.#outputs.end()
    if (asked === undefined) return { cursor: end, end }
    const cursor = asked === lastEventId ? feed.cursor(asked) : cursorOf(feed, asked)
    const defect = cursor === undefined ? 'this is no place in the feed' : await this.#outputs.defectOf(cursor)
    return cursor === undefined || defect !== undefined ? { cursor: end, end, reset: defect } : { cursor, end }
  }

  #leave(stream: LiveStream): void {
    this.#streams.delete(stream)
    this.#outputs.remove(stream)
    if (this.#streams.size === 0) this.#pulse.rest()
  }
}
