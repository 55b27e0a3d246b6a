import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices'
import { isObservable, lastValueFrom } from 'rxjs'
import { RondoError } from '#contracts'
import { type Feed, type FeedRecord, followFeed, type LogReader, type OwnedPartition } from '#event-log'
import { asRondoError } from '#process'
import { untilAborted } from '#runtime'
import type { Tracing } from '#tracing'

/**
 * How long running work may take at {@link EventLogStrategy.close}. If the log is out of reach it would wait until the log is back:
 * so the partitions are released, and after that only a commit that has begun continues.
 */
const END_MS_MAX = 2000

/** `@EventPattern(ACTIVITY)`: gets each {@link OwnedPartition} of this process, and works on it until the context's signal. */
export const ACTIVITY = 'activity'
/** `@EventPattern(TRANSITIONS)`: gets pages of the feed, `FeedRecord[]`, of one partition in their order; a page that fails is given again. */
export const TRANSITIONS = 'transitions'

/** What an {@link EventLogStrategy} reads, and what it calls. */
export interface EventLogStrategyOptions {
  /** For handlers of activity. */
  readonly reader?: LogReader
  /** For handlers of transitions: the cursor of each partition to read from. */
  readonly feeds?: readonly { readonly feed: Pick<Feed, 'read'> & { close(): Promise<void> }; readonly after: number }[]
  /** Called after each page of a feed that was read and handled, also an empty one. */
  readonly onPage?: (partition: number) => void
  readonly onError: (failure: RondoError) => void
  /** Called when a handler of activity has failed: its partition is no longer worked on. */
  readonly onFailure: (failure: RondoError) => void
  readonly tracing?: Pick<Tracing, 'follow'> | undefined
}

/** The context of a handler, beside its data. */
export class EventLogContext extends BaseRpcContext<[number, AbortSignal]> {
  get partition(): number {
    return this.getArgByIndex(0)
  }

  /** Aborted when the partition is lost or the app ends. */
  get signal(): AbortSignal {
    return this.getArgByIndex(1)
  }
}

/** A handler that runs, and how it is ended. */
interface Work {
  readonly abort: AbortController
  readonly done: Promise<void>
}

/**
 * Nest's microservices over the event log. Nest's own Kafka server handles one message at a time and commits its offsets, which
 * is neither fast nor exactly once; here the unit is a partition, or a page of its feed, and the log keeps the positions.
 */
export class EventLogStrategy extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true
  readonly #options: EventLogStrategyOptions
  /** The work on each partition and, if several cycles fold it, on each of them. */
  readonly #owned = new Map<string, Work & { readonly partition: number }>()
  readonly #followed: Work[] = []
  #isClosing = false

  constructor(options: EventLogStrategyOptions) {
    super()
    this.#options = options
  }

  listen(callback: (error?: unknown) => void): void {
    this.#begin().then(() => callback(), callback)
  }

  /** Waits a short time for running work, then releases the partitions. */
  async close(): Promise<void> {
    this.#isClosing = true
    const works = [...this.#owned.values(), ...this.#followed]
    for (const { abort } of works) abort.abort()
    await untilAborted(Promise.all(works.map(({ done }) => done)), AbortSignal.timeout(END_MS_MAX))
    await this.#options.reader?.close()
    await Promise.all((this.#options.feeds ?? []).map(({ feed }) => feed.close()))
  }

  on(): void {
    throw new RondoError('RONDO_INTERNAL', 'The event log has no events other than its records.')
  }

  unwrap<T>(): T {
    return this.#options.reader as T
  }

  async #begin(): Promise<void> {
    const { reader, feeds = [] } = this.#options
    for (const [partition, { feed, after }] of feeds.entries()) this.#follow(partition, feed, after)
    await reader?.own({ assigned: (owned) => this.#assigned(owned), revoked: (partition) => this.#revoked(partition) })
  }

  #assigned(owned: OwnedPartition): void {
    if (this.#isClosing) return
    const { partition, cycle } = owned
    const key = JSON.stringify([partition, cycle])
    const abort = new AbortController()
    const before = this.#owned.get(key)?.done
    const done = Promise.resolve(before)
      .then(() => this.#handle(ACTIVITY, owned, new EventLogContext([partition, abort.signal])))
      .catch((failure: unknown) => {
        if (!abort.signal.aborted) this.#options.onFailure(asRondoError(failure))
      })
    this.#owned.set(key, { partition, abort, done })
  }

  #revoked(partition: number): void {
    for (const work of this.#owned.values()) if (work.partition === partition) work.abort.abort()
  }

  #follow(partition: number, feed: Pick<Feed, 'read'>, after: number): void {
    const abort = new AbortController()
    const context = new EventLogContext([partition, abort.signal])
    const done = followFeed(feed, {
      after,
      signal: abort.signal,
      deliver: (page: readonly FeedRecord[]) => this.#deliver(page, context),
      onPage: () => this.#options.onPage?.(partition),
      onError: (failure) => this.#options.onError(asRondoError(failure)),
    })
    this.#followed.push({ abort, done })
  }

  async #deliver(page: readonly FeedRecord[], context: EventLogContext): Promise<void> {
    const handle = (): Promise<void> => this.#handle(TRANSITIONS, page, context)
    const { tracing } = this.#options
    await (tracing === undefined ? handle() : tracing.follow(page, handle))
  }

  async #handle(pattern: string, data: unknown, context: EventLogContext): Promise<void> {
    const handler = this.getHandlerByPattern(pattern)
    if (handler === null) throw new RondoError('RONDO_INTERNAL', `Nothing handles ${pattern}.`)
    const answer: unknown = await handler(data, context)
    if (isObservable(answer)) await lastValueFrom(answer, { defaultValue: undefined })
  }
}
