import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../root.ts'

/** The apps that run as separate processes, in the order of the flow of events. */
export type AppName = 'ingest' | 'processor' | 'reactor' | 'serving'

const ADDRESS = /(http:\/\/[^\s",]+:\d+)/
const METRICS = /Its metrics are on (http:\S+\/metrics)\./
const POLL_MS = 50

/** The process of a built app. The environment contains all its settings. */
export class AppProcess {
  readonly app: AppName
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  /** Its messages on standard error, as lines of JSON. */
  output = ''
  /** What it prints on standard output: only what must not be in the messages, such as a key. */
  printed = ''
  #isToEnd = false

  /** @param release the folder of the package whose build is started */
  constructor(app: AppName, settings: Readonly<Record<string, string>>, release = root) {
    this.app = app
    const main = join(release, 'dist', 'apps', app, 'src', 'main.js')
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--enable-source-maps', main], {
      // The app ends when this process ends, also when this process is killed.
      env: { ...process.env, RONDO_WRAPPER: String(process.pid), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A Ctrl-C at the terminal must reach only the cluster, which ends its apps in order.
      detached: true,
    })
    this.child.stderr?.on('data', (chunk) => {
      this.output += chunk
    })
    this.child.stdout?.on('data', (chunk) => {
      this.printed += chunk
    })
    this.ended = once(this.child, 'close')
    process.once('exit', this.#killAtExit)
  }

  /** The address on which it listens; empty until it has printed it. */
  get url(): string {
    return ADDRESS.exec(this.output)?.[1]?.replace(/\.$/, '') ?? ''
  }

  /** Its metrics, in the format of Prometheus. */
  async metrics(): Promise<string> {
    return await (await fetch(METRICS.exec(this.output)?.[1] ?? '')).text()
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Whether it has ended without {@link stop} or {@link kill}. */
  get hasEndedByItself(): boolean {
    return this.hasEnded && !this.#isToEnd
  }

  /** Resolves when its readiness probe succeeds. */
  async ready(msMax = 150_000): Promise<this> {
    for (let waited = 0; !(await this.#isReady()); waited += POLL_MS) {
      if (this.hasEnded || waited > msMax) throw new TypeError(`The ${this.app} does not become ready: ${this.output.slice(-2000)}`)
      await sleep(POLL_MS)
    }
    return this
  }

  /** Ends the app in order. @returns the exit code */
  async stop(): Promise<number | null> {
    this.#endBy('SIGTERM')
    await this.#end()
    return this.child.exitCode
  }

  /** Kills the app, like a power failure. */
  async kill(): Promise<void> {
    this.#endBy('SIGKILL')
    await this.#end()
  }

  #endBy(signal: NodeJS.Signals): void {
    if (this.hasEnded) return
    this.#isToEnd = true
    this.child.kill(signal)
  }

  async #end(): Promise<void> {
    await this.ended
    process.off('exit', this.#killAtExit)
  }

  readonly #killAtExit = (): void => {
    this.child.kill('SIGKILL')
  }

  async #isReady(): Promise<boolean> {
    if (this.url === '') return false
    try {
      return (await fetch(`${this.url}/v1/health/ready`)).ok
    } catch {
      return false
    }
  }
}
