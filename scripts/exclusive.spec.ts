import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { exclusively } from './exclusive.mjs'

const module = new URL('./exclusive.mjs', import.meta.url).href
let home: TemporaryFolder

beforeEach(() => {
  home = temporaryFolder()
})
afterEach(() => home[Symbol.dispose]())

const lock = (): string => join(home.path, 'cache', 'lock.json')
/** A process that holds the lock while it runs `work`. This code can call `log`, which appends a line to a file, and `name`, which names a worker process. */
function holder(work: string) {
  const source = `const { exclusively } = await import(${JSON.stringify(module)})
    const { appendFileSync } = await import('node:fs')
    const { spawn } = await import('node:child_process')
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    const log = (text) => appendFileSync(${JSON.stringify(join(home.path, 'log'))}, text + '\\n')
    await exclusively(${JSON.stringify(lock())}, (pid) => console.log('waits for ' + pid), async (name) => { ${work} })`
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe('exclusive work', () => {
  it('is done by one process at a time, and the others report that they wait', async () => {
    const children = Array.from({ length: 4 }, () => holder(`log('in'); await sleep(300); log('out')`))
    const outputs = await Promise.all(children.map(async ({ stdout }) => text(stdout)))
    expect(readFileSync(join(home.path, 'log'), 'utf8')).toBe('in\nout\n'.repeat(4))
    const pids = children.map(({ pid }) => pid)
    expect(outputs.filter((output) => output === '').length).toBe(1)
    for (const output of outputs) if (output !== '') expect(pids).toContain(Number(/^waits for (\d+)\n$/.exec(output)?.[1]))
    expect(existsSync(lock())).toBe(false)
  })

  it('is done by the next process when its holder was killed', async () => {
    const child = holder(`console.log('in'); await sleep(60_000)`)
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(existsSync(lock())).toBe(true)
    const waits: number[] = []
    expect(
      await exclusively(
        lock(),
        (pid) => waits.push(pid),
        async () => 'done',
      ),
    ).toBe('done')
    expect(waits).toEqual([])
  })

  it('is not done while a process runs that the killed holder named', async () => {
    const child = holder(`const worker = spawn('sleep', ['60'], { stdio: 'ignore' }); name(worker.pid); console.log(worker.pid); await sleep(60_000)`)
    const worker = Number(String((await once(child.stdout, 'data'))[0]))
    child.kill('SIGKILL')
    await once(child, 'close')
    const waits: number[] = []
    const work = exclusively(
      lock(),
      (pid) => {
        waits.push(pid)
        process.kill(pid, 'SIGKILL')
      },
      async () => 'done',
    )
    expect(await work).toBe('done')
    expect(waits).toEqual([worker])
  })

  it('is done if the file names a process of an earlier boot, or is old and unreadable', async () => {
    const longAgo = new Date('2001-01-01T00:00:00Z')
    await exclusively(
      lock(),
      () => {},
      async () => {},
    )
    for (const content of [JSON.stringify({ token: 'x', pid: process.pid, worker: process.pid }), '{"tok']) {
      writeFileSync(lock(), content)
      utimesSync(lock(), longAgo, longAgo)
      expect(
        await exclusively(
          lock(),
          () => {},
          async () => 'done',
        ),
      ).toBe('done')
    }
  })

  it('that fails removes the lock, so that the next process can work', async () => {
    await expect(
      exclusively(
        lock(),
        () => {},
        async () => Promise.reject(new TypeError('no registry')),
      ),
    ).rejects.toThrow('no registry')
    expect(
      await exclusively(
        lock(),
        () => {},
        async () => 'done',
      ),
    ).toBe('done')
  })
})
