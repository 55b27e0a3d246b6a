import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

/** A process of `npm run cluster`, with its output. */
class Run {
  readonly child
  readonly ended
  output = ''

  constructor(...flags: string[]) {
    const script = join(root, 'scripts', 'cluster.ts')
    const args = ['--conditions=rondo-source', '--disable-warning=ExperimentalWarning', script, '--port', '0', '--processors', '1', ...flags]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.on('data', (chunk) => {
        this.output += chunk
      })
    this.ended = once(this.child, 'close')
  }

  /** Resolves when the process has printed the text or has ended. */
  async prints(text: string): Promise<void> {
    await eventually(
      async () => this.output,
      (output) => output.includes(text) || this.child.exitCode !== null,
    )
    expect(this.output).toContain(text)
  }

  /** The running child processes, with their command lines. */
  processes(): { readonly pid: number; readonly command: string }[] {
    const pids = globSync(`/proc/${this.child.pid}/task/*/children`).flatMap((file) => readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number))
    return pids.map((pid) => ({ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }))
  }
}

let run: Run | undefined
afterEach(async () => {
  // A process that gets SIGKILL cannot end its child processes, so the test ends them.
  run?.child.kill('SIGTERM')
  await run?.ended
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('npm run cluster', () => {
  it('names an app that ends by itself, and ends with it', async () => {
    run = new Run('--no-demo')
    await run.prints('End it with Ctrl-C')
    const processes = run.processes()
    const reactor = processes.find(({ command }) => command.includes(join('apps', 'reactor')))
    process.kill(reactor?.pid as number, 'SIGKILL')
    expect(await run.ended).toEqual([1, null])
    expect(run.output).toContain('The reactor has ended by itself, by SIGKILL')
    expect(run.output).toContain('Ended.')
    expect(processes.filter(({ pid }) => isRunning(pid))).toEqual([])
  })

  it.each(['broker', 'redis'])('names a %s that is killed, and ends with it', async (name) => {
    run = new Run('--no-demo')
    await run.prints('End it with Ctrl-C')
    const processes = run.processes()
    const pid = processes.find(({ command }) => command.includes(name === 'redis' ? 'redis-server' : 'kafka.Kafka'))?.pid as number
    process.kill(pid, 'SIGKILL')
    expect(await run.ended).toEqual([1, null])
    expect(run.output).toContain(`The ${name} has ended by itself, by SIGKILL`)
    expect(processes.filter(({ pid }) => isRunning(pid))).toEqual([])
  })

  describe('with a folder', () => {
    const home = temporaryFolder()
    afterAll(() => home[Symbol.dispose]())
    const data = join(home.path, 'kept')
    const stages = async (): Promise<{ total: number }> => {
      const url = /curl (http:\S+stages)/.exec(run?.output ?? '')?.[1]
      return (await (await fetch(url as string)).json()) as { total: number }
    }
    let total = 0

    it('starts all apps, accepts events, and ends all apps when its terminal is closed', async () => {
      run = new Run('--data', data, '--partitions', '2')
      await run.prints('End it with Ctrl-C')
      total = (await stages()).total
      expect(total).toBeGreaterThan(20_000)
      const url = /ingest +(http:\S+)/.exec(run.output)?.[1]
      expect((await post(`${url}/v1/track`, { userId: 'kept', event: 'Order Completed', properties: { cds: 1, dollars: 9 } })).status).toBe(200)
      const processes = run.processes()
      run.child.kill('SIGHUP')
      expect(await run.ended).toEqual([0, null])
      expect(processes.filter(({ pid }) => isRunning(pid))).toEqual([])
    })

    it('continues with the data of the folder, and ends at Ctrl-C', async () => {
      run = new Run('--data', data)
      await run.prints('End it with Ctrl-C')
      expect(run.output).toContain('Continuing with')
      expect(run.output).not.toContain('Importing')
      await eventually(stages, (now) => now.total === total + 1)
      run.child.kill('SIGINT')
      expect(await run.ended).toEqual([0, null])
      expect(run.output).toContain('Ended.')
    })

    it('refuses a folder that has another number of partitions', async () => {
      run = new Run('--data', data, '--partitions', '3')
      expect(await run.ended).toEqual([1, null])
      expect(run.output).toContain('have 2 partitions, not 3')
    })
  })

  it('explains its options, and reports the defects of the given options', async () => {
    run = new Run('--help')
    expect(await run.ended).toEqual([0, null])
    expect(run.output).toContain('--data FOLDER')
    run = new Run('--partitions', 'many', '--definition', 'nowhere.yaml')
    expect(await run.ended).toEqual([2, null])
    expect(run.output).toMatch(/--partitions: .*found many.*--definition: there is no file/s)
    run = new Run('--sail')
    expect(await run.ended).toEqual([2, null])
    expect(run.output).toContain('--sail')
  })

  it.each(['', 'kafka.Kafka', 'redis-server'])(
    'stops at once, and leaves nothing running, at Ctrl-C while it starts a broker and has started %j',
    async (program) => {
      run = new Run()
      await run.prints('Starting a Kafka broker')
      const processes = await eventually(
        () => run?.processes() ?? [],
        (all) => program === '' || all.some(({ command }) => command.includes(program)),
      )
      run.child.kill('SIGINT')
      expect(await run.ended).toEqual([0, null])
      expect(run.output).not.toContain('Ready.')
      expect(run.output).toContain('Ended.')
      expect(processes.filter(({ pid }) => isRunning(pid))).toEqual([])
    },
  )
})
