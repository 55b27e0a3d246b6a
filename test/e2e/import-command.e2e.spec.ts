import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { temporaryFolder } from '#runtime'
import { eventually } from '../fixtures/eventually.ts'
import { historyOf, outputsIn, presenceCycle, rondo } from '../fixtures/processes/rondo-command.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'
import { feedOf, logOf, RunningImport, rondoImport, rowsUnderWay } from '../fixtures/processes/running-import.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
let folders = 0
const newFolder = (): string => join(folder.path, `data-${++folders}`)
const definition = presenceCycle(folder.path, '30d', 'grace: 1h')

const CDNOW = ['--input', join(import.meta.dirname, '../fixtures/data/cdnow_master.csv.gz'), '--csv', '--actor', 'customer_id', '--time', 'date']
const ROWS = 69_659
const started: RunningApp[] = []
// A process that a test did not end would keep its folder locked.
afterEach(async () => {
  for (const app of started.splice(0)) if (app.child.exitCode === null && app.child.signalCode === null) await app.kill()
})

async function start(data: string, port = '0'): Promise<RunningApp> {
  const app = await startApp({ args: ['--data', data, '--definition', definition, '--port', port] })
  started.push(app)
  if (app.url === '') throw new TypeError(`the app did not start: ${app.errors}`)
  return app
}

const kindsOf = (outputs: readonly Output[]): Record<string, number> =>
  Object.fromEntries(Object.entries(Object.groupBy(outputs, ({ kind }) => kind)).map(([kind, list]) => [kind, list.length]))

let replayed: { kinds: Record<string, number>; history: Record<string, string[]> }
beforeAll(async () => {
  const path = join(folder.path, 'replayed.ndjson')
  // All actors became absent long ago, so no deadline is due between the last absence and today.
  const { code } = await rondo(['replay', '--definition', definition, ...CDNOW, '--until', '2020-01-01', '--output', path])
  expect(code).toBe(0)
  const outputs = outputsIn(path)
  replayed = { kinds: kindsOf(outputs), history: historyOf(outputs) }
})

/** Checks that the server has the history of the replay, and that every row is in its log once. */
async function expectAllOnce(app: RunningApp, data: string): Promise<void> {
  const outputs = await feedOf(app.url)
  expect(kindsOf(outputs)).toEqual(replayed.kinds)
  const history = historyOf(outputs)
  // With so many actors the matcher would need seconds to find a difference, so the test compares texts first.
  if (!isDeepStrictEqual(history, replayed.history)) expect(history).toEqual(replayed.history)
  expectEachRowOnce(data)
}

function expectEachRowOnce(data: string): void {
  const ids = logOf(data).entries.flatMap(({ id }) => id ?? [])
  expect([ids.length, new Set(ids).size]).toEqual([ROWS, ROWS])
}

describe('an import', () => {
  it('into a running Rondo leads to the history of the replay, and its rows are in the log once, also after it is repeated', async () => {
    const data = newFolder()
    const app = await start(data)
    const { code, stderr } = await rondoImport(...CDNOW, '--url', app.url)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/rows read +69659\n +refused +0\n/) })
    expect(await rondoImport(...CDNOW, '--url', app.url)).toEqual({ code: 0, stderr: expect.stringMatching(/^All 69659 rows of cdnow.* are imported already/) })
    await expectAllOnce(app, data)
    expect(new Set((await feedOf(app.url)).filter(({ kind }) => kind === 'advance').map(({ origin }) => origin))).toEqual(new Set(['backfill']))
  })

  it('into the folder of a stopped Rondo leads to the history of the replay, and is refused while a Rondo runs on the folder', async () => {
    const data = newFolder()
    const offline = [...CDNOW, '--data', data, '--definition', definition]
    expect(await rondoImport(...offline)).toMatchObject({ code: 0 })
    expect(await rondoImport(...offline)).toMatchObject({ code: 0, stderr: expect.stringContaining('are imported already') })
    const app = await start(data)
    await expectAllOnce(app, data)
    expect(await rondoImport(...offline)).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^rondo: .*in use by another Rondo process.*\(RONDO_DATA_LOCKED\)\n$/),
    })
  })

  it('that was killed continues', async () => {
    const data = newFolder()
    const app = await start(data)
    const killed = new RunningImport([...CDNOW, '--url', app.url])
    await rowsUnderWay(app.url)
    killed.signal('SIGKILL')
    await killed.ended
    const { code, stderr } = await rondoImport(...CDNOW, '--url', app.url)
    const [, before] = /^(\d+) of 69659 rows .* continuing after them/.exec(stderr) ?? []
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^\d+ of 69659 rows/) })
    expect(Number(before)).toBeGreaterThan(0)
    expect(Number(before)).toBeLessThan(ROWS)
    await expectAllOnce(app, data)
  })

  it('into a folder continues after a kill, also through a server that was started on the folder after the kill', async () => {
    const data = newFolder()
    const nothing = rowsFile('nothing.csv', 'customer_id,date\n')
    expect(await rondoImport(...CDNOW.with(1, nothing), '--data', data, '--definition', definition)).toMatchObject({ code: 0 })
    const killed = new RunningImport([...CDNOW, '--data', data, '--definition', definition])
    while (rowsIn(data) === 0) await setTimeout(2)
    killed.signal('SIGKILL')
    await killed.ended
    const before = rowsIn(data)
    expect(before).toBeLessThan(ROWS)
    const app = await start(data)
    expect(await rondoImport(...CDNOW, '--url', app.url)).toEqual({ code: 0, stderr: expect.stringMatching(new RegExp(`^${before} of 69659 rows`)) })
    await expectAllOnce(app, data)
  })

  it('that is interrupted reports its progress and how to continue', async () => {
    const data = newFolder()
    const app = await start(data)
    const interrupted = new RunningImport([...CDNOW, '--url', app.url])
    await rowsUnderWay(app.url)
    interrupted.signal('SIGINT')
    const { code, stderr } = await interrupted.ended
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/^rondo: Ended before it was done: at least \d+ of 69659 rows are imported. The same command continues/),
    })
    expect(await rondoImport(...CDNOW, '--url', app.url)).toMatchObject({ code: 0 })
    expectEachRowOnce(data)
  })

  it('waits for a server that was killed and started again', async () => {
    const data = newFolder()
    const app = await start(data)
    const running = new RunningImport([...CDNOW, '--url', app.url])
    await rowsUnderWay(app.url)
    await app.kill()
    const restarted = await start(data, new URL(app.url).port)
    const { code, stderr } = await running.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/Trying again.*\n.*answers again/) })
    await expectAllOnce(restarted, data)
  })

  it('holds live events, and writes them to the log after its end', async () => {
    const data = newFolder()
    const app = await start(data)
    const running = new RunningImport([...CDNOW, '--url', app.url])
    await rowsUnderWay(app.url)
    const live = await post(`${app.url}/v1/track`, { userId: '00001', event: 'Live', messageId: 'live' })
    expect([live.status, (await running.ended).code]).toEqual([200, 0])
    const { entries } = await eventually(
      async () => logOf(data),
      (log) => log.entries.some(({ id }) => id === 'live'),
    )
    const [end, event] = [entries.findIndex(({ record }) => record === 'backfill.end'), entries.findIndex(({ id }) => id === 'live')]
    expect(event).toBeGreaterThan(end)
    // The event had arrived before the import ended.
    expect((entries[event]?.receivedAt ?? '') < (entries[end]?.time ?? '')).toBe(true)
    const outputs = await eventually(
      () => feedOf(app.url),
      (all) => all.some(({ origin }) => origin === 'live'),
    )
    expect(outputs.filter(({ actor, kind }) => actor.id === '00001' && kind === 'return').at(-1)).toMatchObject({ origin: 'live' })
  })

  it('that ends in the past gives deadlines before its end the origin backfill, in a server and in a folder', async () => {
    const rows = rowsFile('past.csv', 'who,when\nann,2024-08-20\nbob,2024-09-01\n')
    const args = ['--input', rows, '--csv', '--actor', 'who', '--time', 'when']
    const data = newFolder()
    expect(await rondoImport(...args, '--data', data, '--definition', definition)).toMatchObject({ code: 0 })
    const server = await start(newFolder())
    expect(await rondoImport(...args, '--url', server.url)).toMatchObject({ code: 0 })
    for (const app of [await start(data), server]) {
      expect((await feedOf(app.url)).map(({ actor, kind, at, origin }) => [actor.id, kind, at, origin])).toEqual([
        ['ann', 'advance', '2024-08-20T00:00:00.000Z', 'backfill'],
        ['bob', 'advance', '2024-09-01T00:00:00.000Z', 'backfill'],
        ['ann', 'disengage', '2024-09-19T00:00:00.000Z', 'backfill'],
        ['bob', 'disengage', '2024-10-01T00:00:00.000Z', 'backfill'],
      ])
    }
  })

  it('moves its last event to now if the option is given', async () => {
    const data = newFolder()
    const app = await start(data)
    const before = Date.now()
    expect(await rondoImport(...CDNOW, '--shift-to-now', '--url', app.url)).toMatchObject({ code: 0, stderr: expect.stringContaining('all times moved by') })
    const times = logOf(data).entries.flatMap(({ id, time }) => (id === undefined ? [] : Date.parse(time)))
    expect(times.at(-1)).toBeGreaterThanOrEqual(before)
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now())
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(Date.UTC(1998, 5, 30) - Date.UTC(1997, 0, 1))
  })
})

function rowsFile(name: string, text: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  return path
}

function rowsIn(data: string): number {
  return logOf(data).entries.filter(({ id }) => id !== undefined).length
}

describe('an import is refused', () => {
  it('if log time is after its rows', async () => {
    const app = await start(newFolder())
    await post(`${app.url}/v1/track`, { userId: 'a', event: 'Live' })
    await eventually(
      async () => (await (await fetch(`${app.url}/v1/health`)).json()) as { logTime: string | null },
      ({ logTime }) => logTime !== null,
    )
    expect(await rondoImport(...CDNOW, '--url', app.url)).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^rondo: The log's time is .*import history before going live.*\(RONDO_IMPORT_TOO_OLD\)\n$/),
    })
  })

  it('if another import is running', async () => {
    const app = await start(newFolder())
    expect((await post(`${app.url}/v1/backfills`, { source: 'another file', firstTime: '1997-01-01T00:00:00Z' })).status).toBe(200)
    expect(await rondoImport(...CDNOW, '--url', app.url)).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^rondo: Another import \(another file.*\(RONDO_BACKFILL_BUSY\)\n$/),
    })
  })

  it('if no server answers', async () => {
    expect(await rondoImport(...CDNOW, '--url', 'http://127.0.0.1:9')).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^rondo: No server answers.*\(RONDO_SERVER_UNREACHABLE\)\n$/),
    })
  })

  it('row by row if rows are bad: they are reported and kept, the others are imported', async () => {
    const rows = rowsFile('some.csv', 'who,when\na,2026-01-01\n,2026-01-02\nb,someday\nb,2999-01-05\nb,2026-01-03\n')
    const args = ['--input', rows, '--csv', '--actor', 'who', '--time', 'when']
    const [data, offline] = [newFolder(), newFolder()]
    const app = await start(data)
    for (const ended of [await rondoImport(...args, '--url', app.url), await rondoImport(...args, '--data', offline, '--definition', definition)]) {
      expect(ended.code).toBe(3)
      for (const line of [3, 4, 5]) expect(ended.stderr).toContain(`${rows}:${line}: `)
      expect(ended.stderr).toMatch(/rows read +5\n +refused +3\n/)
    }
    for (const log of [logOf(data), logOf(offline)]) {
      expect(log.quarantine.map(({ where, code, raw }) => [where.replace(/.*, /, ''), code, raw])).toEqual([
        ['line 3', 'RONDO_ROW_INVALID', ',2026-01-02'],
        ['line 4', 'RONDO_ROW_INVALID', 'b,someday'],
        ['line 5', 'RONDO_EVENT_FROM_FUTURE', expect.stringContaining('2999-01-05')],
      ])
      expect(log.entries.flatMap(({ id, time }) => (id === undefined ? [] : time))).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-03T00:00:00.000Z'])
    }
  })
})
