import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10
const STOP_MS_MAX = 15_000

/** The process of a case. */
export class Child {
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>
  #output = ''

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-20_000)
      })
    }
    this.#ended = once(this.#process, 'close')
    process.once('exit', this.#killAtExit)
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** The end of the output of the process. */
  get output(): string {
    return this.#output
  }

  /** @throws if the process ended by itself */
  check(): void {
    const { exitCode, signalCode } = this.#process
    if (exitCode !== null || signalCode !== null) throw new TypeError(`A case ended (${exitCode ?? signalCode}): ${this.#output.slice(-3000)}`)
  }

  async stop(): Promise<void> {
    const late = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS_MAX)
    this.#process.kill('SIGTERM')
    await this.#ended
    clearTimeout(late)
    process.off('exit', this.#killAtExit)
  }

  readonly #killAtExit = (): void => {
    this.#process.kill('SIGKILL')
  }
}

/** Processor time that a process and its threads have used, in milliseconds. */
export function processorMs(pid: number): number {
  const [user = 0, system = 0] = times(pid)
  return user + system
}

/** Processor time of all ended child processes of this process. */
export function reapedMs(): number {
  const [, , user = 0, system = 0] = times(process.pid)
  return user + system
}

/** Processor time in user and kernel mode, of the process and of its ended child processes. */
function times(pid: number): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The times are the fields 14 to 17. The second field is a name in brackets, which may contain blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).map((ticks) => Number(ticks) * TICK_MS)
}
