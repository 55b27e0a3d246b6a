import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, cpSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/rondo-command.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'

/** A file system of its own in a namespace of its own needs Linux, and a system that lets its users make namespaces. */
const MOUNT = 'mount -t tmpfs -o size=12m full "$0"'
const mayMount = spawnSync('unshare', ['-Urm', 'bash', '-c', MOUNT, '/mnt']).status === 0
/** Some requests fill what a write-ahead log has left. */
const TEXT = 'x'.repeat(2000)

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

let home: TemporaryFolder
/** Keeps the file system while processes come and go. */
let keeper: ChildProcess
let app: RunningApp
/** The ids of events that were answered with 200. */
const accepted: string[] = []
let sent = 0

const disk = (): string => join(home.path, 'disk')
/** The disk as this process sees it. */
const seen = (...names: string[]): string => join(`/proc/${keeper.pid}/root`, disk(), ...names)
const definition = (): string => join(home.path, 'pulse.yaml')

beforeEach(async () => {
  home = temporaryFolder()
  writeFileSync(definition(), PULSE)
  keeper = spawn('unshare', ['-Urm', 'bash', '-c', `mkdir -p "$0" && ${MOUNT} && echo mounted && exec sleep infinity`, disk()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(keeper.stdout as NodeJS.ReadableStream as never, 'data')
  const under = ['nsenter', '-t', String(keeper.pid), '-U', '-m', '--preserve-credentials']
  // History on a full disk has a spec of its own.
  const args = ['--data', join(disk(), 'data'), '--definition', definition(), '--catch-up', '0s', '--history', 'off']
  app = await startApp({ args, under })
})
afterEach(async () => {
  await app.kill()
  keeper.kill('SIGKILL')
  home[Symbol.dispose]()
})

function fill(): void {
  const file = openSync(seen('fill'), 'a')
  try {
    expect(() => {
      for (;;) writeSync(file, Buffer.alloc(1 << 12))
    }).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
  } finally {
    closeSync(file)
  }
}

/** Sends some events, which a full disk refuses before it refuses a single one. @returns the answer */
async function send(count = 100): Promise<Answer> {
  const ids = Array.from({ length: count }, () => `event-${sent++}`)
  const batch = ids.map((messageId) => ({ type: 'track', userId: `user-${sent % 50}`, event: 'Visit', messageId, properties: { n: sent, text: TEXT } }))
  const answer = await post(`${app.url}/v1/batch`, { batch })
  if (answer.status === 200) accepted.push(...ids)
  return answer
}

/** Sends until not even one event has room. @returns the answer */
async function refused(): Promise<Answer> {
  await eventually(
    () => send(),
    ({ status }) => status !== 200,
  )
  for (;;) {
    const answer = await send(1)
    if (answer.status !== 200) return answer
  }
}
const ready = async (): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${app.url}/v1/health/ready`)
  return { status: response.status, text: await response.text() }
}
const isReady = ({ status }: { status: number }): boolean => status === 200

/** The ids of all events in the log. */
function inLog(data: string): string[] {
  const db = new DatabaseSync(join(data, 'log.db'))
  const frames = db.prepare('SELECT frame FROM frames ORDER BY "offset"').all() as { frame: string }[]
  db.close()
  return frames.flatMap(({ frame }) => frame.split('\n').flatMap((line) => (JSON.parse(line) as { id?: string }).id ?? []))
}

describe('on a full disk', () => {
  const test = mayMount ? it : it.skip
  test('events get 503, the process lives and continues by itself, ends in order, and has what it answered', async () => {
    await eventually(ready, isReady)
    expect((await send()).status).toBe(200)
    fill()
    expect(await refused()).toMatchObject({ status: 503, body: { code: 'RONDO_DATA_FULL' } })
    await eventually(
      async () => {
        await send(1)
        return ready()
      },
      ({ status, text }) => status === 503 && text.includes('The log cannot be written, and clients get 503: The disk is full'),
    )
    // Busy, and then idle: it tries again at each beat, and says so a few times.
    for (let n = 0; n < 4; n++) await send()
    await eventually(
      () => app.errors,
      (errors) => /The log cannot be written, .* \(RONDO_DATA_FULL\) \(8 times so far\)/.test(errors),
    )
    rmSync(seen('fill'))
    // Nobody sends anything, since it is not ready.
    await eventually(ready, isReady)
    const folded = accepted.length
    expect((await send()).status).toBe(200)
    expect(accepted.length).toBe(folded + 100)
    await eventually(ready, isReady)

    fill()
    await refused()
    expect(await app.stop()).toBe(0)
    const said = app.output + app.errors
    expect(said).not.toContain('not folded any more')
    expect(app.output.trimEnd().split('\n').at(-1)).toBe('The process ends: SIGTERM. Its exit code is 0.')

    rmSync(seen('fill'))
    const data = join(home.path, 'data')
    cpSync(seen('data'), data, { recursive: true })
    expect(inLog(data)).toEqual(accepted)
    const verified = await rondo(['verify', '--data', data, '--definition', definition()])
    expect(verified).toEqual({ code: 0, stdout: expect.any(String), stderr: expect.any(String) })
  })
})
