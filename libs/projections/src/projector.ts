import type { Instant, Output, RondoError } from '#contracts'
import type { Feed } from '#event-log'
import { pause, retry } from '#runtime'
import { BATCH_OUTPUTS_MAX, type FeedBatch, type ProjectionTarget } from './projection-target.ts'

/** The feed that a {@link Projector} follows, and where it applies it. */
export interface ProjectorOptions {
  readonly partition: number
  /** The feed of this partition alone. */
  readonly feed: Pick<Feed, 'read'>
  readonly target: ProjectionTarget
  /**
   * A log time T of the partition such that every transition noticed up to T can be read from the feed now; minus infinity if none
   * is known. It is requested before the feed is read, and passed on if the reading reached the feed's end.
   *
   * It must be given, since outputs do not contain it. `noticedAt` may be the arrival of an event, which is ahead of log time while a writer
   * delays its ticks. And while nothing is published, log time moves without a new `noticedAt`.
   */
  readonly freshness: () => Promise<Instant>
  /** Called at each attempt that failed and will be repeated. */
  readonly onRetry: (failure: RondoError) => void
  /** The limit of outputs in a batch. */
  readonly limit?: number
  /** The time between two reads at the feed's end. */
  readonly pauseMs?: number
  /** The wait after a failure. It is doubled with each further failure, up to 32 times. */
  readonly retryMs?: number
}

/** The pause of a projector that has caught up with the feed: about so late a transition is shown. */
const PAUSE_MS = 50
/** The first pause after a failure of the store. Each further pause is twice as long, up to RETRY_GROWTH_MAX times the first. */
const RETRY_MS = 200
const RETRY_GROWTH_MAX = 32

/** `stopped`: by the signal; `dropped`: the target was replaced by another generation; `caught-up`: the feed's end is applied. */
export type ProjectorEnd = 'stopped' | 'dropped' | 'caught-up'

/**
 * Follows the feed of one partition and applies it to read models, batch by batch. The target stores the position, and gives it after every
 * batch that it did not apply. So several projectors may work on one partition (one is enough), and a store that was emptied is filled
 * again from the feed's beginning.
 */
export class Projector {
  readonly #options: Required<ProjectorOptions>
  #position: number | undefined

  constructor(options: ProjectorOptions) {
    this.#options = { limit: BATCH_OUTPUTS_MAX, pauseMs: PAUSE_MS, retryMs: RETRY_MS, ...options }
  }

  /**
   * Follows until it is stopped; retriable failures are repeated.
   * @throws RondoError that is not retriable, such as RONDO_MODELS_MISMATCH
   */
  async run(signal: AbortSignal): Promise<ProjectorEnd> {
    for (;;) {
      const end = await this.catchUp(signal)
      if (end !== 'caught-up') return end
      await pause(this.#options.pauseMs, signal)
    }
  }

  /** Like {@link run}, but ends when it has applied the whole feed. */
  async catchUp(signal: AbortSignal): Promise<ProjectorEnd> {
    const { retryMs, onRetry } = this.#options
    while (!signal.aborted) {
      const end = await retry(() => this.#step(), { pauseMs: retryMs, pauseMsMax: RETRY_GROWTH_MAX * retryMs, signal, onFailure: onRetry })
      if (end !== undefined) return end
    }
    return 'stopped'
  }

  /** Reads and applies one batch. @returns undefined if there may be more to read */
  async #step(): Promise<ProjectorEnd | undefined> {
    const { partition, feed, target, freshness, limit } = this.#options
    const base = this.#position ?? (await target.position(partition))
    const fresh = await freshness()
    const records = await feed.read(base, limit)
    const atEnd = records.length < limit
    const batch: FeedBatch = {
      position: records.at(-1)?.cursor ?? base,
      outputs: records.map(({ output }) => JSON.parse(output) as Output),
      logTime: atEnd ? fresh : undefined,
    }
    const outcome = await target.apply(partition, base, batch)
    if (outcome === 'dropped') return outcome
    this.#position = outcome === 'applied' ? batch.position : outcome.position
    return outcome === 'applied' && atEnd ? 'caught-up' : undefined
  }
}
