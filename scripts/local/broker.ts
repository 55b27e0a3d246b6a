import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fetchKafkaJars, kafkaJars } from '../kafka-jars.ts'
import { freePorts } from './free-port.ts'
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
/** Each folder is a separate cluster, so all can have the same id. */
const CLUSTER_ID = 'cm9uZG8tdGVzdC1icm9rZQ'

/** A real Kafka broker in a process of its own, on free ports of this machine, with its data in a folder. Restarts keep the data. */
export class Broker {
  readonly folder: string
  /** Its number in the cluster. */
  readonly node: number
  readonly #ports: BrokerPorts
  readonly #running: BrokerRunning
  readonly #died = Promise.withResolvers<ChildProcess>()
  #process: ChildProcess | undefined

  private constructor(folder: string, ports: BrokerPorts, { running = FOR_TESTS, node = CONTROLLER }: { running?: BrokerRunning; node?: number }) {
    this.folder = folder
    this.node = node
    this.#ports = ports
    this.#running = running
  }

  /** Formats the folder (created if it is missing) and starts a broker on it. Resolves when it answers; the signal ends it before that. */
  static async start(folder: string, running = FOR_TESTS, signal?: AbortSignal): Promise<Broker> {
    if (!fetchKafkaJars()) throw new TypeError('The jars of Kafka are missing, and Maven could not fetch them.')
    const [clients = 0, controller = 0] = await freePorts(2)
    const broker = new Broker(folder, { clients, controller }, { running })
    await broker.#format(signal)
    await broker.start(signal)
    return broker
  }

  /** Starts another broker in the cluster of this one, with a folder and a number of its own. */
  async startAnother(folder: string, node: number): Promise<Broker> {
    const [clients = 0] = await freePorts(1)
    const broker = new Broker(folder, { ...this.#ports, clients }, { running: this.#running, node })
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
    const broker = await Broker.start(folder, { ...FOR_TESTS, java: [...FOR_TESTS.java, `-XX:ArchiveClassesAtExit=${draft}`] })
    await broker.stop()
    if (existsSync(draft)) renameSync(draft, classArchive)
  }

  /** The address for clients. */
  get address(): string {
    return `127.0.0.1:${this.#ports.clients}`
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
    writeFileSync(join(this.folder, 'server.properties'), serverProperties(join(this.folder, 'data'), this.#ports, this.node))
    const args = this.#java('kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', 'server.properties', '--ignore-formatted')
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
