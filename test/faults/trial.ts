import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CycleDefinition } from '#contracts'
import { readDefinition } from '#cycle'
import { type KafkaSettings, openKafkaLog } from '#event-log'
import { randomId } from '#runtime'
import { type AppName, AppProcess } from '../../scripts/local/app-process.ts'
import { eventually } from '../fixtures/eventually.ts'
import { Sender } from '../fixtures/processes/sender.ts'
import { SeededRandom } from '../fixtures/seeded-random.ts'
import { SteadySenders } from './steady-senders.ts'
import type { TrialServers } from './trial-servers.ts'

/** The number of partitions of each topic. */
export const PARTITIONS = 3
/** How long a processor may be silent. It is short, so that a trial does not wait long for a takeover. */
export const SESSION_MS = 2000
/** How long a transaction of a dead processor may stay open. */
export const TRANSACTION_MS = 3000
/** The absence of the cycle heartbeat: an actor whose sender stops is away after it. */
export const ABSENCE_MS = 4000
const ACTORS = 50
const file = join(import.meta.dirname, 'heartbeat.yaml')
const definition = readDefinition(readFileSync(file, 'utf8'), file).definition as CycleDefinition

/** How many processes of each app run. */
type Counts = Readonly<Partial<Record<AppName, number>>>

/** A running Rondo under load, in which a fault happens. It has its own processes, topics and Redis keys. */
export class Trial {
  readonly shared: TrialServers
  readonly random: SeededRandom
  readonly definition = definition
  readonly settings: KafkaSettings
  readonly redisPrefix: string
  readonly steady: SteadySenders
  readonly senders: Sender[]
  /** Defects that the fault itself found. */
  readonly defects: string[] = []
  /** Called when the trial ends. */
  readonly cleanups: (() => void)[] = []
  readonly #apps: AppProcess[] = []
  readonly #endExpected = new Set<AppProcess>()

  private constructor(shared: TrialServers, seed: number) {
    const id = randomId()
    this.shared = shared
    this.random = new SeededRandom(seed)
    this.redisPrefix = id
    this.settings = { ...shared.broker.access, prefix: `${id}.`, group: id, partitions: PARTITIONS, replication: 1, identity: {} }
    const urls = (): string[] => this.of('ingest').map(({ url }) => url)
    this.steady = new SteadySenders(urls)
    this.senders = [new Sender('a', urls, 30), new Sender('b', () => urls().reverse(), ACTORS)]
  }

  /** Resolves when all apps are ready. */
  static async begin(shared: TrialServers, seed: number, counts: Counts = {}): Promise<Trial> {
    const trial = new Trial(shared, seed)
    try {
      // Creates the topics.
      await openKafkaLog(trial.settings)
      await trial.prepare()
      const { processor = 2, serving = 1, ingest = 1 } = counts
      await Promise.all([trial.start('processor', processor), trial.start('serving', serving), trial.start('ingest', ingest)])
    } catch (failure) {
      await trial.end()
      throw failure
    }
    return trial
  }

  /** Creates the topics of a deployment and gives the apps their rights, if the servers check rights. @param parts what differs from this trial */
  async prepare(parts: Partial<KafkaSettings> = {}): Promise<void> {
    await this.shared.broker.prepare({ ...this.settings, ...parts })
    await this.shared.redis.prepare(this.redisPrefix)
  }

  of(app: AppName): AppProcess[] {
    return this.#apps.filter((process) => process.app === app && !process.hasEnded && !this.#endExpected.has(process))
  }

  /** As {@link of}, and those that are ending. */
  running(app: AppName): AppProcess[] {
    return this.#apps.filter((process) => process.app === app && !process.hasEnded)
  }

  /** @param release the folder of the package whose build is started */
  launch(app: AppName, extra: Readonly<Record<string, string>> = {}, release?: string): AppProcess {
    const process = new AppProcess(app, { ...this.environmentOf(app), ...extra }, release)
    this.#apps.push(process)
    return process
  }

  /** The settings of an app. */
  environmentOf(app: AppName): Record<string, string> {
    const { prefix = '', group, brokers } = this.settings
    return {
      ...{ RONDO_BROKERS: brokers.join(','), RONDO_PREFIX: prefix, RONDO_GROUP: group, RONDO_PARTITIONS: String(PARTITIONS), RONDO_REPLICATION: '1' },
      ...{ RONDO_SESSION: `${SESSION_MS}ms`, RONDO_TRANSACTION: `${TRANSACTION_MS}ms`, RONDO_SILENCE: '5s', RONDO_CATCH_UP: '3s', RONDO_PORT: '0' },
      ...{ RONDO_DEFINITION: file, RONDO_SHORT_GRACE: 'yes', RONDO_CHECKPOINT_ROUND: '300' },
      ...{ RONDO_REDIS: this.shared.redis.url, RONDO_REDIS_PREFIX: this.redisPrefix, ...this.shared.redis.login },
      ...this.shared.broker.loginOf(app),
    }
  }

  async start(app: AppName, count = 1, extra: Readonly<Record<string, string>> = {}): Promise<AppProcess[]> {
    return Promise.all(Array.from({ length: count }, () => this.launch(app, extra).ready()))
  }

  async kill(process: AppProcess): Promise<void> {
    this.#endExpected.add(process)
    await process.kill()
  }

  /** An orderly shutdown: any other exit code than 0 is a defect, unless the process was not yet able to handle the signal. */
  async retire(process: AppProcess): Promise<void> {
    this.#endExpected.add(process)
    const isUp = process.url !== ''
    const code = await process.stop()
    if (code !== 0 && (isUp || process.child.signalCode !== 'SIGTERM')) this.defects.push(`${process.app} ended with ${code}: ${process.output.slice(-500)}`)
  }

  /** From now on the process may end by itself. */
  mayEnd(process: AppProcess): void {
    this.#endExpected.add(process)
  }

  /** Pauses a process for a time, as if its machine were paused. */
  async pause(process: AppProcess, ms: number): Promise<void> {
    process.child.kill('SIGSTOP')
    await sleep(ms)
    process.child.kill('SIGCONT')
  }

  /** Waits for a time that the seed chooses. */
  async wait(minMs: number, maxMs = minMs): Promise<void> {
    await sleep(this.random.between(minMs, maxMs))
  }

  /** Resolves when every sender has sent events of all its actors, so that a fault can lose events. */
  async startLoad(): Promise<void> {
    this.steady.start()
    for (const sender of this.senders) sender.start()
    await eventually(
      () => this.senders.map(({ answered }) => answered.length),
      (counts) => counts.every((count) => count >= ACTORS),
    )
  }

  get answered(): string[] {
    return [this.steady, ...this.senders].flatMap(({ answered }) => answered)
  }

  /** Ends the load, and the log: every ingest process closes its writer after its last tick. */
  async endLoad(): Promise<void> {
    if (this.of('ingest').length === 0) await this.start('ingest')
    if (this.of('processor').length === 0) await this.start('processor')
    if (this.of('serving').length === 0) await this.start('serving')
    await this.endSenders()
    await Promise.all(this.of('ingest').map((ingest) => this.retire(ingest)))
  }

  async endSenders(): Promise<void> {
    await Promise.all([this.steady.stop(), ...this.senders.map((sender) => sender.stop())])
  }

  /** Apps that ended by themselves. */
  get endedApps(): string[] {
    const lost = this.#apps.filter((process) => process.hasEnded && !this.#endExpected.has(process))
    return lost.map(({ app, child, output }) => `${app} ended by itself with ${child.exitCode ?? child.signalCode}: ${output.slice(-800)}`)
  }

  /** A defect for each app that printed a password or a token. */
  get shownSecrets(): string[] {
    const shown = this.#apps.filter(({ output, printed }) => this.shared.secrets.some((secret) => (output + printed).includes(secret)))
    return shown.map(({ app }) => `${app} printed a secret`)
  }

  /** Ends all processes, in any state. */
  async end(): Promise<void> {
    for (const sender of [this.steady, ...this.senders]) sender.abandon()
    await Promise.all(this.#apps.filter(({ hasEnded }) => !hasEnded).map((process) => process.kill()))
    for (const cleanup of this.cleanups) cleanup()
  }
}
