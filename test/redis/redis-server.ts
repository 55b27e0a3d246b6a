import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { freePorts } from '../../scripts/local/free-port.ts'

const UP_MS_MAX = 20_000

/** A real redis-server in a process of its own, on free ports of this machine, which keeps nothing on disk. */
export class RedisServer {
  readonly #home: TemporaryFolder
  readonly #ports: readonly number[]
  readonly #cluster: boolean
  #process: ChildProcess | undefined

  private constructor(home: TemporaryFolder, ports: readonly number[], cluster: boolean) {
    this.#home = home
    this.#ports = ports
    this.#cluster = cluster
  }

  /** @param cluster whether it is a cluster of this one node, which refuses whatever touches keys of two slots at once */
  static async start({ cluster = false } = {}): Promise<RedisServer> {
    const server = new RedisServer(temporaryFolder(), await freePorts(2), cluster)
    await server.start()
    return server
  }

  get port(): number {
    return this.#ports[0] ?? 0
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it again, empty, after {@link kill}. */
  async start(): Promise<void> {
    const clustered = this.#cluster ? ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', String(this.#ports[1])] : []
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#home.path, '--save', '', '--appendonly', 'no', ...clustered]
    const child = spawn('redis-server', args, { stdio: 'ignore' })
    this.#process = child
    let failure: Error | undefined
    child.once('error', (error) => {
      failure = error
    })
    process.once('exit', this.#killAtExit)
    for (let waited = 0; !(await this.#answers()); waited += 50) {
      if (failure !== undefined) throw new TypeError(`redis-server cannot be run (Debian: apt-get install redis-server): ${failure.message}`)
      if (child.exitCode !== null || waited > UP_MS_MAX) throw new TypeError('redis-server does not come up.')
      await sleep(50)
    }
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    process.off('exit', this.#killAtExit)
    if (child?.kill('SIGKILL')) await once(child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    this.#home[Symbol.dispose]()
  }

  /** A command past the product, as an operator would give it. */
  async command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.call(name, ...args)
    } finally {
      client.disconnect()
    }
  }

  readonly #killAtExit = (): void => {
    this.#process?.kill('SIGKILL')
  }

  async #answers(): Promise<boolean> {
    try {
      if (this.#cluster && !String(await this.command('CLUSTER', 'INFO')).includes('cluster_slots_assigned:16384')) {
        await this.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
      }
      return this.#cluster ? String(await this.command('CLUSTER', 'INFO')).includes('cluster_state:ok') : (await this.command('PING')) === 'PONG'
    } catch {
      return false
    }
  }
}
