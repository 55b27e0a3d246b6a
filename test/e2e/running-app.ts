import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { build } from '../../scripts/build.ts'
import { root } from '../../scripts/root.ts'

const MAIN = join(root, 'dist', 'apps', 'standalone', 'src', 'main.js')
const LISTENS = /listens on (http:\/\/127\.0\.0\.1:\d+)/

export interface AppOptions {
  readonly args: readonly string[]
  readonly env?: Record<string, string>
  /** A program that runs it, such as strace, with its arguments. */
  readonly under?: readonly string[]
}

/** The built standalone as a process of its own, on a port that the system chooses. */
export class RunningApp {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  output = ''
  errors = ''

  constructor({ args, env, under = [] }: AppOptions) {
    const [program = '', ...rest] = [...under, process.execPath, '--disable-warning=ExperimentalWarning', MAIN, ...args]
    this.child = spawn(program, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.stdout?.on('data', (chunk) => {
      this.output += chunk
    })
    this.child.stderr?.on('data', (chunk) => {
      this.errors += chunk
    })
    this.ended = once(this.child, 'close')
  }

  get url(): string {
    return LISTENS.exec(this.output)?.[1] ?? ''
  }

  listens(): Promise<boolean> {
    return this.says(LISTENS)
  }

  /** Waits for a line; false where the process ends without it. */
  async says(pattern: RegExp): Promise<boolean> {
    while (!pattern.test(this.output)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return pattern.test(this.output)
      await Promise.race([this.ended, once(this.child.stdout as NodeJS.ReadableStream as never, 'data')])
    }
    return true
  }

  /** Asks it to end, and gives its exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    await this.ended
    return this.child.exitCode
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }
}

let built: Promise<unknown> | undefined

/** Starts it, and does not wait for more than its process. */
export async function launchApp(options: AppOptions): Promise<RunningApp> {
  built ??= build({ onlyIfStale: true })
  await built
  return new RunningApp({ ...options, args: ['--port', '0', ...options.args] })
}

/** Starts it and waits until it listens, or has ended. */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const app = await launchApp(options)
  await app.listens()
  return app
}

/** A POST of JSON. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(url, { method: 'POST', body: text as string, headers: { 'content-type': 'application/json', ...headers } })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Asks again until the answer is as expected; the last answer where it never is. */
export async function eventually<T>(ask: () => Promise<T>, isIt: (answer: T) => boolean, msMax = 20_000): Promise<T> {
  const until = Date.now() + msMax
  let answer = await ask()
  while (!isIt(answer) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    answer = await ask()
  }
  return answer
}
