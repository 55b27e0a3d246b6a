import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const UP_MS_MAX = 10_000

/** A real Redis in a process of its own, on a port of this machine. It keeps nothing on disk: what it holds can be folded again. */
export class LocalRedis {
  readonly port: number
  readonly #process: ChildProcess

  private constructor(port: number) {
    this.port = port
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    this.#process = spawn('redis-server', args, { stdio: 'ignore', detached: true })
    process.once('exit', this.#killAtExit)
  }

  static async start(port: number): Promise<LocalRedis> {
    const redis = new LocalRedis(port)
    for (let waited = 0; !(await redis.#answers()); waited += 50) {
      if (redis.#process.exitCode !== null || waited > UP_MS_MAX) throw new TypeError(`redis-server does not come up on port ${port}.`)
      await sleep(50)
    }
    return redis
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  async stop(): Promise<void> {
    process.off('exit', this.#killAtExit)
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGTERM')
    await once(this.#process, 'exit')
  }

  readonly #killAtExit = (): void => {
    this.#process.kill('SIGKILL')
  }

  async #answers(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      socket.write('PING\r\n')
      const [answer] = (await once(socket, 'data')) as [Buffer]
      return answer.toString().startsWith('+PONG')
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }
}
