import { join } from 'node:path'
import type { CycleDefinition, RondoError } from '#contracts'
import type { CycleLog, GroupPosition, KafkaLog, RequiredRecords } from '#event-log'
import { CycleHistory } from '#history'
import { asRondoError, type LiveDefinition, type Logger, type LogPoller, type RedisConfiguration, Refusal, redisServerOf, Stalls } from '#process'
import { GenerationHandover, generationName, openRedisProjections, Rebuilds, rebuildText } from '#projections'
import { systemClock } from '#runtime'
import { clusterHistory } from './history/cluster-history.ts'
import type { HistoryWatch } from './history/history-watch.ts'
import { Arrival, type ArrivalProgress } from './sources/arrival.ts'
import { clusterSources } from './sources/cluster-sources.ts'
import type { ServingSources } from './sources/serving-sources.ts'
import { stallCauseOf } from './stall-cause.ts'

/** Where the read models of all cycles lie, and which of them belong to this deployment. */
interface CycleServingSettings extends RedisConfiguration {
  readonly redisPrefix: string
  readonly prefix: string
  readonly partitions: number
  readonly generation: number
  readonly stall: number
  /** The folder of histories; empty for none. */
  readonly history: string
  readonly archive: string
}

/** What the cycles of one process share. */
export interface CycleServingOptions {
  readonly settings: CycleServingSettings
  readonly log: Pick<KafkaLog, 'newestFrames' | 'activity' | 'name'>
  readonly poller: () => Pick<LogPoller, 'defectOf' | 'activityEnd'>
  /** The positions of the other cycles. */
  readonly others: () => readonly (readonly (GroupPosition | undefined)[])[]
  readonly hasOthers: boolean
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly onAlarm: (failure: RondoError) => void
  readonly onFailure: (failure: RondoError) => void
  readonly historyWatch: HistoryWatch
}

/** One cycle on Kafka and Redis: its feed, its read models, which it keeps at the end of the feed, and what is served of them. */
export class CycleServing {
  readonly cycle: string
  readonly definition: CycleDefinition
  readonly sources: ServingSources
  readonly history: CycleHistory | undefined
  readonly handover: GenerationHandover
  readonly stalls: Stalls
  readonly rebuilds = new Rebuilds()
  readonly groupPositions: ReturnType<CycleLog['groupPositions']>
  readonly #arrival: Arrival
  readonly #logger: Pick<Logger, 'info' | 'warn'>
  /** That of Redis. */
  readonly #refusal: Refusal
  readonly #close: () => Promise<unknown>

  private constructor(
    ofCycle: CycleLog,
    live: LiveDefinition,
    options: CycleServingOptions & { redis: Awaited<ReturnType<typeof openRedisProjections>>; refusal: Refusal },
  ) {
    const { settings, log, poller, others, hasOthers, redis, refusal, logger, onAlarm, onFailure, historyWatch } = options
    const { partitions, prefix, generation, stall } = settings
    const { cycle } = ofCycle
    const { definition } = live
    this.cycle = cycle
    this.definition = definition
    this.#logger = logger
    this.#refusal = refusal
    const feeds = Array.from({ length: partitions }, (_, partition) => ofCycle.feed(partition))
    this.groupPositions = ofCycle.groupPositions()
    this.handover = new GenerationHandover({
      redis,
      feeds,
      groupPositions: this.groupPositions,
      generation: generationName([live.cycle.fingerprint, prefix, partitions, generation]),
      definitionRun: { cycle, version: definition.version, generation },
      clock: systemClock,
      onAlarm,
      onFailure: (failure) => onFailure(asRondoError(failure)),
      onRebuild: (rebuild) => {
        this.rebuilds.record(rebuild)
        logger.info(hasOthers ? `The cycle ${cycle}: ${rebuildText(rebuild)}` : rebuildText(rebuild))
      },
    })
    const causeOf = (partition: number) => stallCauseOf(partition, { cycle, positions: this.handover.positions }, poller())
    this.stalls = new Stalls({ clock: systemClock, stallMs: stall, causeOf, ...(hasOthers && { cycle }) })
    const { feed, names } = ofCycle
    const sources = clusterSources({
      log: { feed, names, newestFrames: log.newestFrames },
      transitions: feeds,
      groupPositions: this.groupPositions,
      models: redis.readModels,
    })
    this.sources = { ...sources, building: hasOthers ? async () => this.building : undefined }
    const { history, archive } = settings
    if (history !== '') {
      this.history = new CycleHistory({
        cycle: live.cycle,
        generation,
        path: join(history, `history-${cycle}.duckdb`),
        source: () =>
          clusterHistory({ log: { feed, activity: log.activity, name: log.name }, transitions: feeds, groupPositions: this.groupPositions, archive }),
        report: historyWatch.reportOf(cycle),
      })
    }
    this.#arrival = new Arrival(() => this.handover.positions, others)
    this.#close = async () => {
      // Not awaited: with the brokers away it would wait for their answers.
      const feedsClosed = feeds.map((each) => each.close())
      await Promise.all([this.handover.stop(), this.groupPositions.close(), ...feedsClosed])
      redis.close()
    }
  }

  /** The keys of the first cycle have no cycle in their names. */
  static async open(ofCycle: CycleLog, live: LiveDefinition, options: CycleServingOptions): Promise<CycleServing> {
    const { redisPrefix } = options.settings
    const prefix = ofCycle.isFirst ? redisPrefix : `${redisPrefix}:${ofCycle.cycle}`
    const refusal = new Refusal()
    const onFailure = (failure: RondoError): void => {
      refusal.note(failure)
      options.onAlarm(failure)
    }
    const redis = await openRedisProjections({ ...redisServerOf(options.settings), prefix, onFailure, onReady: () => refusal.clear() })
    return new CycleServing(ofCycle, live, { ...options, redis, refusal })
  }

  /** How far a cycle that was added beside others is folded; null if it has come to where they are. */
  get building(): ArrivalProgress | null {
    return this.#arrival.progress
  }

  /** Why answers may not show the present feed; undefined if they do. A cycle that is being added holds up no other. */
  get unreadyReason(): string | undefined {
    return this.building === null ? this.#refusal.explained(this.handover.unreadyReason ?? this.stalls.unreadyReason) : undefined
  }

  get requiredRecords(): RequiredRecords[] {
    return this.handover.requiredRecords.map((required) => ({ ...required, cycle: this.cycle }))
  }

  start(): void {
    this.handover.start()
  }

  /** Takes the positions of the group into account, and logs where log time stands still. */
  checkStalls(): void {
    for (const [partition, position] of this.handover.positions.entries()) if (position !== undefined) this.stalls.recordLogTime(partition, position.logTime)
    this.stalls.log(this.#logger)
  }

  async close(): Promise<void> {
    await this.#close()
  }
}
