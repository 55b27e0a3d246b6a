import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { RedisAdministrator, RedisUsers } from './security/redis-users.ts'

/** Redis answers within a second; a machine that runs all tests at once has taken minutes. */
const UP_MS_MAX = 150_000
const POLL_MS = 50

/** The process of a real Redis on a port of this machine. Without a folder it stores nothing on disk; its data can be built again from the log. */
export class LocalRedis {
  readonly port: number
  /** The users of a secured Redis. */
  readonly users: RedisUsers | undefined
  readonly #process: ChildProcess
  readonly #died = Promise.withResolvers<ChildProcess>()
  #isToEnd = false

  private constructor(port: number, folder: string | undefined, users: RedisUsers | undefined) {
    this.port = port
    this.users = users
    const kept = folder === undefined ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--dir', folder]
    const ports = users?.serverArguments(port) ?? ['--port', String(port)]
    const args = [...ports, '--bind', '127.0.0.1', '--save', '', ...kept]
    this.#process = spawn('redis-server', args, { stdio: 'ignore', detached: true })
    process.once('exit', this.#killAtExit)
    this.#process.once('exit', () => {
      if (!this.#isToEnd) this.#died.resolve(this.#process)
    })
  }

  /** @param folder for its data, created if it is missing @param users whom it asks for a login, over TLS; without them it asks nobody */
  static async start(port: number, folder?: string, users?: RedisUsers): Promise<LocalRedis> {
    if (folder !== undefined) mkdirSync(folder, { recursive: true })
    const redis = new LocalRedis(port, folder, users)
    for (let waited = 0; !(await redis.#answers()); waited += POLL_MS) {
      if (redis.#process.exitCode !== null || waited > UP_MS_MAX) throw new TypeError(`redis-server does not come up on port ${port}.`)
      await sleep(POLL_MS)
    }
    return redis
  }

  get url(): string {
    return `${this.users === undefined ? 'redis' : 'rediss'}://127.0.0.1:${this.port}`
  }

  /** Options of a client that may do everything. */
  get administrator(): Partial<RedisAdministrator> {
    return this.users?.administrator ?? {}
  }

  /** Gives the user of the apps its rights on the keys of a prefix, if it checks rights. */
  async prepare(prefix: string): Promise<void> {
    if (this.users === undefined) return
    const { Redis } = await import('ioredis')
    const client = new Redis(this.url, this.administrator)
    await client.call('ACL', 'SETUSER', ...this.users.rulesFor(prefix)).finally(() => client.disconnect())
  }

  /** Resolves when its process ends by itself. */
  get died(): Promise<ChildProcess> {
    return this.#died.promise
  }

  async stop(): Promise<void> {
    this.#isToEnd = true
    process.off('exit', this.#killAtExit)
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGTERM')
    await once(this.#process, 'exit')
  }

  readonly #killAtExit = (): void => {
    this.#process.kill('SIGKILL')
  }

  async #answers(): Promise<boolean> {
    const isSecured = this.users !== undefined
    const socket = isSecured ? connectTls({ port: this.port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(this.port, '127.0.0.1')
    try {
      await once(socket, isSecured ? 'secureConnect' : 'connect')
      socket.write('PING\r\n')
      const [answer] = (await once(socket, 'data')) as [Buffer]
      // A secured Redis answers that a login is missing.
      return answer.toString().startsWith(isSecured ? '-NOAUTH' : '+PONG')
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }
}
