import { type Instant, type Output, RondoError } from '#contracts'
import type { GroupPosition, GroupPositions, KafkaFeed, RequiredRecords } from '#event-log'
import { type Clock, pause, retry } from '#runtime'
import type { Rebuild } from '../models/read-model.ts'
import type { ProjectionTarget } from '../projection-target.ts'
import { Projector } from '../projector.ts'
import type { GenerationModels } from '../redis/generation-models.ts'
import type { Generation } from '../redis/model-keys.ts'
import type { RedisProjections } from '../redis/redis-projections.ts'
import { FeedHealth } from './feed-health.ts'
import {
  type DefinitionRun,
  definitionRunText,
  foreignFeedError,
  isIncomplete,
  noPositionError,
  positionLostError,
  supersededError,
} from './handover-refusals.ts'
import { ModelRebuilding } from './model-rebuilding.ts'
import { ShownGeneration } from './shown-generation.ts'

/** The time between two polls of the processors' positions. The `asOf` of answers is older by at most this time. */
const POLL_MS = 500

/** The feed, the group and the Redis of one process of serving, and what a {@link GenerationHandover} calls. */
export interface HandoverOptions {
  readonly redis: Pick<RedisProjections, 'generations' | 'target' | 'modelsOf'>
  /** One feed for each partition, by the partition's number. */
  readonly feeds: readonly Pick<KafkaFeed, 'followed' | 'newest' | 'caughtUp'>[]
  readonly groupPositions: Pick<GroupPositions, 'positions'>
  /** The name of the generation. Another definition, or topics with another prefix, fill another generation. */
  readonly generation: string
  /** The cycle, version and generation that every output of the feed must have. */
  readonly definitionRun: DefinitionRun
  readonly clock: Clock
  /** Called with a failure that may pass; the handover continues. */
  readonly onAlarm: (failure: RondoError) => void
  /** Called when the read models do not match the feed; they are not updated any more. */
  readonly onFailure: (failure: unknown) => void
  /** Called with the progress of each read model that is being rebuilt. */
  readonly onRebuild?: (rebuild: Rebuild) => void
}

/**
 * Brings the read models in Redis to the end of the feed. If Redis shows another generation, this generation is filled beside it from the
 * feed's beginning and then shown, and the other is deleted. Several processes may do this at once: each batch takes effect once.
 *
 * A process that starts wants its generation to be shown. If another generation replaces it later, this process is superseded: it is not
 * ready, and begins again only when no process feeds the other generation. So two deployments with one prefix do not delete each other's
 * generations without end. The same is true for two releases of one deployment with other versions of a read model: see {@link ModelRebuilding}.
 */
export class GenerationHandover {
  readonly #options: HandoverOptions
  readonly #end = new AbortController()
  /** For each partition, the log time that the processors had committed at the last poll. */
  readonly #committedLogTimes: Instant[]
  /** For each partition, the log time that was applied last. */
  readonly #appliedLogTimes: Instant[]
  readonly #health: FeedHealth
  #positions: readonly (GroupPosition | undefined)[] = []
  /** For each partition, the cursor up to which the read models have applied the feed. */
  readonly #followed = new Map<number, number>()
  #stage: 'filling' | 'shown' | 'superseded' = 'filling'
  /** Whether the group has committed a position. */
  #hasPosition = false
  /** Whether the feed had outputs at the start. */
  #hasOutputs = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: HandoverOptions) {
    this.#options = options
    const unknown = options.feeds.map(() => Number.NEGATIVE_INFINITY)
    this.#committedLogTimes = [...unknown]
    this.#appliedLogTimes = [...unknown]
    this.#health = new FeedHealth(options.feeds.length, options.clock)
  }

  start(): void {
    this.#running = this.#run().catch((failure: unknown) => {
      this.#end.abort()
      this.#options.onFailure(failure)
    })
  }

  /** The reason why answers may not show the present feed; undefined if the process is ready. */
  get unreadyReason(): string | undefined {
    if (this.#stage === 'superseded') return 'Redis shows the read models of another deployment.'
    if (this.#stage === 'shown') return this.#health.unreadyReason
    return ['The read models are being brought up to the feed.', this.#health.failure].filter((part) => part !== undefined).join(' ')
  }

  /** For each partition, the position of the group at the last poll. */
  get positions(): readonly (GroupPosition | undefined)[] {
    return this.#positions
  }

  /** The part of the feed that this process still has to read. */
  get requiredRecords(): RequiredRecords[] {
    return [...this.#followed].map(([partition, from]) => ({ topic: 'transitions', partition, from, end: from, neededBy: 'serving' }))
  }

  /** For each partition, the newest log time of the batches that were applied; minus infinity before the first batch with a log time. */
  get logTimes(): readonly Instant[] {
    return this.#appliedLogTimes
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    // First check that the feed is a feed of this definition; nothing is shown or deleted before.
    await this.#retry(() => this.#poll())
    await this.#retry(() => this.#compareOutputs())
    await Promise.all([this.#keepPolling(), this.#project()])
  }

  async #project(): Promise<void> {
    const generation = { name: this.#options.generation, partitions: this.#options.feeds.length }
    const shown = new ShownGeneration({ generations: this.#options.redis.generations, generation, retry: (work) => this.#retry(work), pauseMs: POLL_MS })
    while ((await this.#feed(generation, shown)) === 'dropped') {
      this.#stage = 'superseded'
      this.#options.onAlarm(supersededError())
      await shown.untilAbandoned(this.#end.signal)
      this.#stage = 'filling'
    }
  }

  /** Fills the generation, shows it, and feeds it until another generation is shown or another release keeps its read models there. */
  async #feed(generation: Generation, shown: ShownGeneration): Promise<'stopped' | 'dropped'> {
    const { redis, feeds } = this.#options
    const round = new AbortController()
    const signal = AbortSignal.any([this.#end.signal, round.signal])
    await shown.begin()
    const models = redis.modelsOf(generation)
    let isKept = true
    await this.#retry(async () => {
      isKept = await models.keepModels()
    })
    if (!isKept) return 'dropped'
    const target = this.#observed(redis.target(generation))
    const projectors = feeds.map((_, partition) => this.#projector(partition, target))
    const ends = await Promise.all(projectors.map((projector) => projector.catchUp(signal)))
    if (ends.includes('dropped') || !(await shown.show())) return 'dropped'
    if (signal.aborted) return 'stopped'
    this.#stage = 'shown'
    const feeding = [...projectors.map((projector) => projector.run(signal)), shown.reportFeeding(signal), this.#rebuilding(models).run(signal)]
    const end = await Promise.race(feeding).finally(() => round.abort())
    if (end === 'dropped') this.#stage = 'superseded'
    await Promise.allSettled(feeding)
    return end === 'dropped' ? end : 'stopped'
  }

  #rebuilding(models: GenerationModels): ModelRebuilding {
    const { feeds, onRebuild = () => {} } = this.#options
    return new ModelRebuilding({ models, feeds: feeds.map(({ followed }) => followed), onRebuild, retry: (work) => this.#retry(work), pauseMs: POLL_MS })
  }

  #projector(partition: number, target: ProjectionTarget): Projector {
    const { followed } = this.#options.feeds[partition] as HandoverOptions['feeds'][number]
    // If the feed no longer continues from the read models in Redis, these are still served, without updates: an end of the process would not help.
    const read = async (after: number, limit: number) =>
      followed.read(after, limit).catch((failure: unknown) => {
        if (!isIncomplete(failure)) throw failure
        this.#health.broke(partition, failure)
        throw new RondoError(failure.code, failure.message, { cause: failure, retriable: true })
      })
    const freshness = async (): Promise<Instant> => this.#committedLogTimes[partition] ?? Number.NEGATIVE_INFINITY
    return new Projector({ partition, feed: { read }, target, freshness, onRetry: (failure) => this.#noteFailure(failure) })
  }

  /** The target; the result of every batch is also passed to the health of this handover. */
  #observed(target: ProjectionTarget): ProjectionTarget {
    return {
      position: (partition) => target.position(partition),
      apply: async (partition, base, batch) => {
        const outcome = await target.apply(partition, base, batch)
        if (outcome === 'dropped') return outcome
        this.#health.answered(partition)
        if (outcome !== 'applied') this.#noteLostModels(partition, outcome.position < base)
        else this.#followed.set(partition, batch.position)
        if (outcome === 'applied' && batch.logTime !== undefined) {
          this.#appliedLogTimes[partition] = batch.logTime
          this.#health.filled(partition)
        }
        return outcome
      },
    }
  }

  #noteLostModels(partition: number, isBehind: boolean): void {
    if (!isBehind || !this.#health.wentBack(partition)) return
    this.#appliedLogTimes[partition] = Number.NEGATIVE_INFINITY
    const message = `Redis had lost the read models of partition ${partition}, all or the newest. They are filled again from the feed.`
    this.#options.onAlarm(new RondoError('RONDO_MODELS_UNAVAILABLE', message, { retriable: true }))
  }

  async #keepPolling(): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      await pause(POLL_MS, signal)
      await this.#retry(() => this.#poll())
    }
  }

  /** Polls the positions of the group. Their log times are used only after the feed contains everything that was committed with them. */
  async #poll(): Promise<void> {
    const { feeds, groupPositions } = this.#options
    const positions = await groupPositions.positions().catch((failure: unknown) => {
      if (!isIncomplete(failure)) throw failure
      return failure
    })
    await Promise.all(feeds.map((feed) => feed.caughtUp()))
    this.#health.polled(positions instanceof RondoError ? this.#alarm(positions) : this.#usePositions(positions))
  }

  /** @returns the reason why the handover cannot continue from the group's positions; then the log times of the poll before stay */
  #usePositions(positions: Awaited<ReturnType<GroupPositions['positions']>>): RondoError | undefined {
    this.#positions = positions
    this.#hasPosition = positions.some((position) => position !== undefined)
    const lost = positions.findIndex((position, partition) => position === undefined && Number.isFinite(this.#committedLogTimes[partition]))
    if (lost >= 0) return this.#alarm(positionLostError(lost))
    this.#committedLogTimes.splice(0, positions.length, ...positions.map((position) => position?.logTime ?? Number.NEGATIVE_INFINITY))
    return this.#hasOutputs && !this.#hasPosition ? this.#alarm(noPositionError()) : undefined
  }

  /** Reports a failure, and gives it to the caller. */
  #alarm(failure: RondoError): RondoError {
    this.#options.onAlarm(failure)
    return failure
  }

  #noteFailure(failure: RondoError): void {
    this.#health.failed(failure)
    this.#options.onAlarm(failure)
  }

  /** Compares the newest outputs with the definition, if the group has committed no position: a position would name the definition. */
  async #compareOutputs(): Promise<void> {
    if (this.#hasPosition) return
    const { feeds, definitionRun } = this.#options
    const newest = (await Promise.all(feeds.map((feed) => feed.newest(1)))).flat().map(({ output }) => JSON.parse(output) as Output)
    const foreign = newest.find((output) => definitionRunText(output) !== definitionRunText(definitionRun))
    if (foreign !== undefined) throw foreignFeedError(foreign, definitionRun)
    this.#hasOutputs = newest.length > 0
    if (this.#hasOutputs) this.#health.polled(this.#alarm(noPositionError()))
  }

  /** Repeats `work` while its failures are retriable, until the handover stops. */
  async #retry(work: () => Promise<void>): Promise<void> {
    await retry(work, { pauseMs: POLL_MS, signal: this.#end.signal, onFailure: (failure) => this.#noteFailure(failure) })
  }
}
