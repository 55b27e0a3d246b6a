import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { KafkaSettings } from '#event-log'
import { build } from '../build.ts'
import { type AppName, AppProcess } from './app-process.ts'
import { Broker, isSecuredByDefault } from './broker.ts'
import { freePorts } from './free-port.ts'
import { LocalRedis } from './redis.ts'

/** A process of the cluster that ended by itself. */
export interface EndedProcess {
  readonly name: AppName | 'broker' | 'redis'
  readonly child: ChildProcess
  /** Its output, or the end of it. */
  readonly output: string
}

/** The processes of a local cluster and its folder. */
export interface ClusterOptions {
  /** For the broker's data and log. */
  readonly folder: string
  /** Redis keeps its data in the folder, too. */
  readonly keepsRedis?: boolean
  readonly definition: string
  readonly partitions: number
  /** The number of processes of each app. */
  readonly counts: Readonly<Partial<Record<AppName, number>>>
  /** The first port of the apps; any free ports if it is undefined. */
  readonly portsFrom?: number
  /** Called before ingest starts, when all other apps run. After it live events are accepted, and log time moves. */
  readonly beforeIngest?: (cluster: LocalCluster) => Promise<void>
  /** Ends all started processes; {@link LocalCluster.start} rejects. */
  readonly signal?: AbortSignal
  /** Called when a process ends by itself. */
  readonly onEnd?: (ended: EndedProcess) => void
  /** More settings for every app. */
  readonly settings?: Readonly<Record<string, string>>
  /** Whether Kafka and Redis ask for TLS and logins, and check rights. */
  readonly secured?: boolean
  /** Topics of other systems that ingest reads. */
  readonly sourceTopics?: readonly string[]
  /** What these settings mean for topics and their names, beside prefix, group and partitions. */
  readonly deployment?: Partial<KafkaSettings>
}

/** The distance between the first ports of two apps: ingest has 8080, 8081 …, processors have 8090, 8091 … */
const PORTS_APART = 10
/**
 * The order of the starts: from the end of the flow of events to its beginning, so that each app finds the next one. The order of the stops
 * is the opposite.
 */
const STARTING: readonly AppName[] = ['serving', 'reactor', 'processor', 'ingest']

/** All of Rondo on Kafka and Redis on this machine: a real broker, a real Redis, and the built apps as processes. */
export class LocalCluster {
  readonly broker: Broker
  readonly redis: LocalRedis
  readonly #options: ClusterOptions
  readonly #apps: AppProcess[] = []
  #killing: Promise<unknown> | undefined

  private constructor(options: ClusterOptions, broker: Broker, redis: LocalRedis) {
    this.#options = options
    this.broker = broker
    this.redis = redis
    void broker.died.then((child) => options.onEnd?.({ name: 'broker', child, output: broker.lastWords }))
    void redis.died.then((child) => options.onEnd?.({ name: 'redis', child, output: '' }))
  }

  /** Builds what is out of date, and resolves when every app is ready. */
  static async start(options: ClusterOptions): Promise<LocalCluster> {
    const { folder, signal, secured = isSecuredByDefault } = options
    await build({ onlyIfStale: true })
    signal?.throwIfAborted()
    // The broker starts first, because it refuses a folder on which another broker runs. Redis does not.
    const broker = await Broker.start(join(folder, 'kafka'), { signal, secured })
    const redis = await startRedis(options, secured).catch(async (failure: unknown) => {
      await broker.kill()
      throw failure
    })
    const cluster = new LocalCluster(options, broker, redis)
    // The cluster has no data yet, so it needs no orderly shutdown.
    const kill = (): void => void cluster.kill()
    signal?.addEventListener('abort', kill, { once: true })
    try {
      await cluster.prepare()
      await cluster.#startApps()
      signal?.throwIfAborted()
    } catch (failure) {
      await (signal?.aborted ? cluster.kill() : cluster.stop())
      throw failure
    } finally {
      signal?.removeEventListener('abort', kill)
    }
    return cluster
  }

  /** One after the other: the first creates the topics, and the others need not wait for each other. */
  async #startApps(): Promise<void> {
    const { counts, beforeIngest, signal } = this.#options
    for (const app of STARTING) {
      if (app === 'ingest') await beforeIngest?.(this)
      signal?.throwIfAborted()
      const processes = Array.from({ length: counts[app] ?? 0 }, () => this.launch(app))
      await Promise.all(processes.map((process) => process.ready()))
    }
  }

  /**
   * Creates the topics of a deployment, and gives the apps their rights; nothing if the cluster is not secured.
   * @param settings more settings of the apps @param names more cycles
   */
  async prepare(settings: Readonly<Record<string, string>> = {}, names: Partial<KafkaSettings> = {}): Promise<void> {
    const { deployment, sourceTopics } = this.#options
    const { RONDO_PREFIX: prefix = '', RONDO_GROUP: group = 'rondo', RONDO_PARTITIONS, RONDO_REDIS_PREFIX = 'rondo' } = { ...this.settings, ...settings }
    const plain = { prefix, group, partitions: Number(RONDO_PARTITIONS), replication: 1, identity: {} }
    await this.broker.prepare({ ...plain, ...deployment, ...names }, sourceTopics)
    await this.redis.prepare(RONDO_REDIS_PREFIX)
  }

  /** The running processes of an app. */
  of(app: AppName): AppProcess[] {
    return this.#apps.filter((process) => process.app === app && !process.hasEnded)
  }

  /** The settings of the cluster that every app gets. */
  get settings(): Record<string, string> {
    const { partitions, definition, settings } = this.#options
    return {
      RONDO_BROKERS: this.broker.address,
      RONDO_REDIS: this.redis.url,
      ...this.redis.users?.login,
      RONDO_PARTITIONS: String(partitions),
      RONDO_REPLICATION: '1',
      RONDO_DEFINITION: definition,
      ...settings,
    }
  }

  /** Starts one more process of an app, without waiting for it. */
  launch(app: AppName, settings: Readonly<Record<string, string>> = {}): AppProcess {
    const process = new AppProcess(app, { ...this.broker.loginOf(app), ...this.settings, RONDO_PORT: String(this.#portOf(app)), ...settings })
    this.#apps.push(process)
    process.ended.then(() => process.hasEndedByItself && this.#options.onEnd?.({ name: app, child: process.child, output: process.output })).catch(() => {})
    return process
  }

  #portOf(app: AppName): number {
    const { portsFrom } = this.#options
    if (portsFrom === undefined) return 0
    return portsFrom + PORTS_APART * STARTING.toReversed().indexOf(app) + this.#apps.filter((process) => process.app === app).length
  }

  /**
   * Ends all processes in the order of the flow, so that each app finds the next one until it ends.
   * @returns the exit codes of all apps that ever ran; null for those that a signal ended
   */
  async stop(): Promise<(number | null)[]> {
    const codes: (number | null)[] = []
    for (const app of STARTING.toReversed()) {
      const processes = this.#apps.filter((process) => process.app === app)
      codes.push(...(await Promise.all(processes.map((process) => process.stop()))))
    }
    await Promise.all([this.broker.stop(), this.redis.stop()])
    return codes
  }

  /** Kills all processes at the same time. */
  async kill(): Promise<void> {
    this.#killing ??= Promise.all([...this.#apps.map((process) => process.kill()), this.broker.kill(), this.redis.stop()])
    await this.#killing
  }
}

async function startRedis({ folder, keepsRedis = false }: ClusterOptions, secured: boolean): Promise<LocalRedis> {
  const [port = 0] = await freePorts(1)
  const users = secured ? new (await import('./security/redis-users.ts')).RedisUsers(join(folder, 'redis-users')) : undefined
  return LocalRedis.start(port, keepsRedis ? join(folder, 'redis') : undefined, users)
}
