import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaSettings, RightHolder } from '#event-log'
import { fetchKafkaJars, kafkaJars } from '../kafka-jars.ts'
import { freePorts } from './free-port.ts'
import type { KafkaUsers } from './security/kafka-users.ts'
import { type BrokerPorts, CONTROLLER, serverProperties } from './server-properties.ts'

/** A broker answers within ten seconds; on a machine that runs all tests at once it may take minutes. */
const UP_MS_MAX = 150_000
const POLL_MS = 100
/** The options of a broker's process. */
export interface BrokerRunning {
  readonly java: readonly string[]
  readonly niceness: number
}
/** Little memory, a quick start, and the lowest priority. */
const FOR_TESTS: BrokerRunning = { java: ['-Xms128m', '-Xmx640m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'], niceness: 10 }
const classArchive = `${kafkaJars}.jsa`
/** Whether brokers, and the Redis of clusters, ask for TLS and a login unless the caller decides. */
export const isSecuredByDefault = process.env['RONDO_TEST_SECURED'] === '1'

/** How a broker is started. */
export interface BrokerOptions {
  readonly running?: BrokerRunning
  /** Whether it asks for TLS and a login, and checks rights. */
  readonly secured?: boolean
  /** Ends it before it answers. */
  readonly signal?: AbortSignal | undefined
}

/** Each folder is a separate cluster, so all can have the same id. */
const CLUSTER_ID = 'cm9uZG8tdGVzdC1icm9rZQ'

/** A real Kafka broker in a process of its own, on free ports of this machine, with its data in a folder. Restarts keep the data. */
export class Broker {
  readonly folder: string
  /** Its number in the cluster. */
  readonly node: number
  /** The users of a secured broker. */
  readonly users: KafkaUsers | undefined
  readonly #ports: BrokerPorts
  readonly #running: BrokerRunning
  readonly #died = Promise.withResolvers<ChildProcess>()
  #process: ChildProcess | undefined

  private constructor(
    folder: string,
    ports: BrokerPorts,
    { running, node = CONTROLLER, users }: { running: BrokerRunning; node?: number; users: KafkaUsers | undefined },
  ) {
    this.folder = folder
    this.users = users
    this.node = node
    this.#ports = ports
    this.#running = running
  }

  /** Formats the folder (created if it is missing) and starts a broker on it. Resolves when it answers; the signal ends it before that. */
  static async start(folder: string, { running = FOR_TESTS, secured = isSecuredByDefault, signal }: BrokerOptions = {}): Promise<Broker> {
    if (!fetchKafkaJars()) throw new TypeError('The jars of Kafka are missing, and Maven could not fetch them.')
    const [clients = 0, controller = 0] = await freePorts(2)
    // Loaded only when it is needed: it knows Rondo's clients, which take a while to load.
    const users = secured ? new (await import('./security/kafka-users.ts')).KafkaUsers(join(folder, 'users')) : undefined
    const broker = new Broker(folder, { clients, controller }, { running, users })
    await broker.#format(signal)
    await broker.start(signal)
    return broker
  }

  /** Starts another broker in the cluster of this one, with a folder and a number of its own. */
  async startAnother(folder: string, node: number): Promise<Broker> {
    const [clients = 0] = await freePorts(1)
    const broker = new Broker(folder, { ...this.#ports, clients }, { running: this.#running, node, users: this.users })
    await broker.#format(undefined)
    await broker.start()
    return broker
  }

  /**
   * Lets Java store the loaded classes of a broker in a file beside the jars. Every later start of a broker needs
   * half of the processor time. Java ignores the file if it does not fit its version or the jars. Does nothing if the file exists.
   */
  static async archiveClasses(folder: string): Promise<void> {
    if (existsSync(classArchive)) return
    const draft = `${classArchive}.${process.pid}.part`
    const broker = await Broker.start(folder, { running: { ...FOR_TESTS, java: [...FOR_TESTS.java, `-XX:ArchiveClassesAtExit=${draft}`] } })
    await broker.stop()
    if (existsSync(draft)) renameSync(draft, classArchive)
  }

  /** The address for clients. */
  get address(): string {
    return `127.0.0.1:${this.#ports.clients}`
  }

  /** How a test or a script reaches it: as the administrator, if it asks for a login. */
  get access(): Pick<KafkaSettings, 'brokers' | 'security'> {
    return { brokers: [this.address], security: this.users?.administrator }
  }

  /** The settings with which an app, or a command, logs in; none if it asks for no login. */
  loginOf(holder: RightHolder): Record<string, string> {
    return this.users?.loginOf(holder) ?? {}
  }

  /** Creates the topics of a deployment and gives its apps their rights, if it checks rights; otherwise the apps create the topics themselves. */
  async prepare(settings: Omit<KafkaSettings, 'brokers' | 'security'>, sourceTopics: readonly string[] = []): Promise<void> {
    if (this.users === undefined) return
    const { prepareDeployment } = await import('./security/kafka-rights.ts')
    await prepareDeployment({ ...settings, ...this.access }, sourceTopics)
  }

  /** The id of its process, while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Resolves when its process ends by itself. */
  get died(): Promise<ChildProcess> {
    return this.#died.promise
  }

  /** The end of its output. */
  get lastWords(): string {
    return readFileSync(join(this.folder, 'broker.log'), 'utf8').slice(-2000)
  }

  /** Starts it again after {@link stop} or {@link kill}. */
  async start(signal?: AbortSignal): Promise<void> {
    const output = openSync(join(this.folder, 'broker.log'), 'a')
    const child = spawn('nice', this.#java('kafka.Kafka', 'server.properties'), {
      cwd: this.folder,
      stdio: ['ignore', output, output],
      // A Ctrl-C at the terminal must not reach the broker. The process that started it ends it, after the apps.
      detached: true,
    })
    this.#process = child
    process.once('exit', this.#killAtExit)
    child.once('exit', () => {
      if (this.#process === child) this.#died.resolve(child)
    })
    for (let waited = 0; !(await this.#answers()); waited += POLL_MS) {
      if (signal?.aborted) await this.kill()
      signal?.throwIfAborted()
      if (child.exitCode !== null || waited > UP_MS_MAX) throw new TypeError(`The broker does not come up: ${this.lastWords}`)
      await sleep(POLL_MS)
    }
  }

  /** Ends the broker in order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Kills the broker, like a power failure. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    this.#process = undefined
    process.off('exit', this.#killAtExit)
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  readonly #killAtExit = (): void => {
    this.#process?.kill('SIGKILL')
  }

  async #format(signal: AbortSignal | undefined): Promise<void> {
    mkdirSync(this.folder, { recursive: true })
    writeFileSync(join(this.folder, 'server.properties'), serverProperties(join(this.folder, 'data'), this.#ports, { node: this.node, users: this.users }))
    const args = this.#java(
      'kafka.tools.StorageTool',
      'format',
      '-t',
      CLUSTER_ID,
      '-c',
      'server.properties',
      '--ignore-formatted',
      ...(this.users?.formatArguments() ?? []),
    )
    const child = spawn('nice', args, {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      ...(signal && { signal, killSignal: 'SIGKILL' }),
    })
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    if (code !== 0) throw new TypeError(`The broker's folder cannot be formatted: ${stderr}`)
  }

  #java(main: string, ...args: string[]): string[] {
    const archived = existsSync(classArchive) ? [`-XX:SharedArchiveFile=${classArchive}`] : []
    return ['-n', String(this.#running.niceness), 'java', ...this.#running.java, ...archived, '-cp', join(kafkaJars, '*'), main, ...args]
  }

  async #answers(): Promise<boolean> {
    const socket = connect(this.#ports.clients, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }
}
