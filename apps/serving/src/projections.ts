import { setTimeout as sleep } from 'node:timers/promises'
import { type Instant, RondoError } from '#contracts'
import type { KafkaFeed, KafkaProgress } from '#event-log'
import { Projector, type RedisProjections } from '#projections'
import { asRondoError } from '../../chassis/src/as-rondo-error.ts'

/** How often to ask how far the processors are: what is shown is that much older, at most. */
const LOOK_MS = 500

export interface ProjectionsOptions {
  readonly redis: Pick<RedisProjections, 'generations' | 'target'>
  /** Of each partition. */
  readonly feeds: readonly KafkaFeed[]
  readonly progress: KafkaProgress
  /** Names what is projected: another definition, or topics of another prefix, fill another generation. */
  readonly generation: string
  readonly onTrouble: (trouble: RondoError) => void
  /** The read models do not follow from the feed, and are not brought further. */
  readonly onFailure: (failure: RondoError) => void
}

/**
 * Brings the read models in Redis up to the feed. Where Redis shows another generation, this one is filled beside it from the feed's
 * beginning, then shown, and the other deleted. Several processes may do this at once: it is done once, and costs the reading.
 */
export class Projections {
  readonly #options: ProjectionsOptions
  readonly #end = new AbortController()
  readonly #logTimes: Instant[]
  #done: Promise<void> = Promise.resolve()
  #isShown = false

  constructor(options: ProjectionsOptions) {
    this.#options = options
    this.#logTimes = options.feeds.map(() => Number.NEGATIVE_INFINITY)
  }

  start(): void {
    this.#done = Promise.all([this.#look(), this.#project()]).then(
      () => {},
      (failure: unknown) => {
        this.#end.abort()
        this.#options.onFailure(asRondoError(failure))
      },
    )
  }

  /** Whether readers are shown this generation, brought up to the feed's end as it was at the start. */
  get isShown(): boolean {
    return this.#isShown
  }

  /** Of each partition, what was committed when the feed was last looked at. */
  get logTimes(): readonly Instant[] {
    return this.#logTimes
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#done
  }

  async #project(): Promise<void> {
    const { signal } = this.#end
    const { redis, feeds, generation: name } = this.#options
    const generation = { name, partitions: feeds.length }
    // Its name stands for the definition: whoever goes back to an earlier one meets what was dropped then.
    await this.#persist(() => redis.generations.revive(generation))
    const projectors = feeds.map((feed, partition) => this.#projector(feed, partition, redis.target(generation)))
    const ends = await Promise.all(projectors.map((projector) => projector.catchUp(signal)))
    if (!ends.every((end) => end === 'caught-up')) return
    await this.#persist(() => this.#show(generation))
    this.#isShown = true
    await Promise.all(projectors.map((projector) => projector.run(signal)))
  }

  async #show(generation: { name: string; partitions: number }): Promise<void> {
    const { generations } = this.#options.redis
    const before = await generations.current()
    if (before?.name === generation.name) return
    await generations.switchTo(generation)
    if (before !== undefined) await generations.drop(before)
  }

  #projector(feed: KafkaFeed, partition: number, target: ReturnType<RedisProjections['target']>): Projector {
    const freshness = async (): Promise<Instant> => this.#logTimes[partition] ?? Number.NEGATIVE_INFINITY
    return new Projector({ partition, feed: feed.followed, target, freshness, onTrouble: this.#options.onTrouble })
  }

  /** A log time is passed on only when all that was committed with it can be read. */
  async #look(): Promise<void> {
    const { feeds, progress } = this.#options
    const { signal } = this.#end
    while (!signal.aborted) {
      await this.#persist(async () => {
        const logTimes = await progress.logTimes()
        await Promise.all(feeds.map((feed) => feed.settled()))
        this.#logTimes.splice(0, logTimes.length, ...logTimes)
      })
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
    }
  }

  /** Tries again while what fails may pass. */
  async #persist(work: () => Promise<void>): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        await work()
        return
      } catch (failure) {
        if (!(failure instanceof RondoError && failure.retriable)) throw failure
        this.#options.onTrouble(failure)
        await sleep(LOOK_MS, undefined, { signal: this.#end.signal }).catch(() => {})
      }
    }
  }
}
