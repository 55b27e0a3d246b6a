import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { PULSE } from '../crash/pulse.ts'
import { type AppOptions, eventually, launchApp, post, type RunningApp, startApp } from './running-app.ts'
import { logOf } from './running-import.ts'

interface Captured {
  readonly client: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Record<string, unknown>
}
type Feed = { items: { cursor: number; output: { id: string; actor: { id: string }; to: string; origin: string; evidence: { event: string | null } } }[] }

const captured = readFileSync(new URL('../clients/captured_requests.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Captured)

let home: TemporaryFolder
let definition: string
let running: RunningApp[] = []

beforeEach(() => {
  home = temporaryFolder()
  definition = join(home.path, 'pulse.yaml')
  writeFileSync(definition, PULSE)
})

afterEach(async () => {
  await Promise.all(running.map((app) => app.kill()))
  running = []
  home[Symbol.dispose]()
})

const data = (name = 'data'): string => join(home.path, name)
async function start(options: Partial<AppOptions> = {}): Promise<RunningApp> {
  const app = await startApp({ args: ['--data', data(), '--definition', definition, '--catch-up', '0s'], ...options })
  running.push(app)
  return app
}
async function runToEnd(args: readonly string[]): Promise<{ code: number | null; output: string; errors: string }> {
  const app = await launchApp({ args })
  running.push(app)
  await app.ended
  return { code: app.child.exitCode, output: app.output, errors: app.errors }
}
const feedOf = async ({ url }: RunningApp): Promise<Feed['items']> => ((await (await fetch(`${url}/v1/transitions?after=0&limit=1000`)).json()) as Feed).items
const oneSentence = (code: string): unknown => expect.stringMatching(new RegExp(`^rondo: [^\\n]+ \\(${code}\\)\\n$`))

/** As the client sent it: its headers, its path, packed where it was packed. */
function send(app: RunningApp, { path, headers, body }: Captured) {
  const text = JSON.stringify(body)
  const { 'content-type': type = '', 'content-encoding': encoding } = headers
  return post(`${app.url}${path}`, encoding === 'gzip' ? gzipSync(text) : text, {
    'content-type': type,
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  })
}

describe('events over HTTP', () => {
  it('come out as stage transitions, whatever client sent them', async () => {
    const app = await start()
    const requests = captured.filter(({ path }) => /^\/v1\/(batch|b|import|[a-z])\/?$/.test(path))
    expect(requests.length).toBeGreaterThan(15)
    for (const request of requests) {
      const answer = await send(app, request)
      expect([request.client, answer.status]).toEqual([request.client, 200])
      const calls = (request.body['batch'] ?? [request.body]) as unknown[]
      expect(answer.body).toEqual({ success: true, accepted: calls.length, rejected: [] })
    }
    expect(await post(`${app.url}/v1/track`, { userId: 'zoë', event: 'Visit', messageId: 'm1' })).toMatchObject({ status: 200 })
    const items = await eventually(
      () => feedOf(app),
      (found) => found.some(({ output }) => output.to === 'away'),
    )
    const own = items.map(({ output }) => output).filter(({ actor }) => actor.id === 'zoë')
    expect(own.map(({ to, origin }) => [to, origin])).toEqual([
      ['here', 'live'],
      ['here', 'live'],
      ['away', 'live'],
    ])
    expect(own[0]?.evidence.event).toBe('m1')
  })

  it('are taken where they are good and named where they are bad', async () => {
    const app = await start()
    const good = { type: 'track', event: 'Visit', userId: 'u1', messageId: 'a' }
    const answer = await post(`${app.url}/v1/batch`, {
      batch: [{ ...good, userId: '' }, good, 7, { ...good, messageId: 'b', timestamp: '2999-01-01T00:00:00Z' }],
    })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'RONDO_EVENT_INVALID' }, { index: 2 }, { index: 3, code: 'RONDO_EVENT_FROM_FUTURE' }],
    })
  })

  it('are refused as a whole with a problem document where nothing can be read', async () => {
    const app = await start()
    const large = { batch: [], context: { text: 'x'.repeat(1_100_000) } }
    const refusals = [
      [await post(`${app.url}/v1/batch`, '{"batch": ['), 400, 'RONDO_BODY_INVALID'],
      [await post(`${app.url}/v1/batch`, ''), 400, 'RONDO_BODY_INVALID'],
      [await post(`${app.url}/v1/batch`, { events: [] }), 400, 'RONDO_BODY_INVALID'],
      [await post(`${app.url}/v1/track`, { event: 'Visit' }), 400, 'RONDO_EVENT_INVALID'],
      [await post(`${app.url}/v1/batch`, Uint8Array.of(34, 255, 34)), 400, 'RONDO_BODY_INVALID'],
      [await post(`${app.url}/v1/batch`, 'no gzip', { 'content-encoding': 'gzip' }), 400, 'RONDO_BODY_INVALID'],
      [await post(`${app.url}/v1/batch`, large), 413, 'RONDO_BODY_TOO_LARGE'],
      [await post(`${app.url}/v1/batch`, gzipSync(JSON.stringify(large)), { 'content-encoding': 'gzip' }), 413, 'RONDO_BODY_TOO_LARGE'],
      [await post(`${app.url}/v1/nothing`, {}), 404, 'RONDO_NOT_FOUND'],
    ] as const
    expect(refusals.map(([{ status, body }]) => [status, body['code'], typeof body['message'], body['status']])).toEqual(
      refusals.map(([, status, code]) => [status, code, 'string', status]),
    )
    expect(await post(`${app.url}/v1/track/`, { event: 'Visit', userId: 'u1' })).toMatchObject({ status: 200 })
  })

  it('are taken whatever their type says, packed by either name of gzip', async () => {
    const { url } = await start()
    const call = JSON.stringify({ event: 'Visit', userId: 'u1' })
    for (const type of ['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'nonsense', ';;;', '']) {
      expect([type, (await post(`${url}/v1/track`, Buffer.from(call), { 'content-type': type })).status]).toEqual([type, 200])
    }
    for (const coding of ['gzip', 'GZIP', 'x-gzip', 'Identity']) {
      const body = coding === 'Identity' ? Buffer.from(call) : gzipSync(call)
      expect([coding, (await post(`${url}/v1/track`, body, { 'content-encoding': coding })).status]).toEqual([coding, 200])
    }
  })
})

describe('a data folder', () => {
  it('keeps everything over a stop and over a kill', async () => {
    const first = await start()
    await post(`${first.url}/v1/track`, { userId: 'u1', event: 'Visit', messageId: 'm1' })
    const before = await eventually(
      () => feedOf(first),
      (items) => items.length >= 3,
    )
    expect(await first.stop()).toBe(0)
    expect(first.errors).toBe('')
    const second = await start()
    expect((await feedOf(second)).slice(0, before.length)).toEqual(before)
    expect(await post(`${second.url}/v1/track`, { userId: 'u2', event: 'Visit', messageId: 'm2' })).toMatchObject({ status: 200 })
    await second.kill()
    const third = await start()
    const items = await eventually(
      () => feedOf(third),
      (found) => found.some(({ output }) => output.actor.id === 'u2' && output.to === 'away'),
    )
    expect(items.filter(({ output }) => output.evidence.event === 'm2').length).toBe(1)
    expect(new Set(items.map(({ output }) => output.id)).size).toBe(items.length)
    expect(items.slice(0, before.length)).toEqual(before)
  })

  it('is one process’s, and says so in a sentence', async () => {
    await start()
    expect(await runToEnd(['--data', data(), '--definition', definition])).toMatchObject({ code: 1, output: '', errors: oneSentence('RONDO_DATA_LOCKED') })
  })

  it('of another definition, of a stranger, or out of reach is left alone, with a sentence', async () => {
    await (await start()).stop()
    const other = join(home.path, 'other.yaml')
    writeFileSync(other, PULSE.replace('1500ms', '1600ms'))
    mkdirSync(data('foreign'))
    writeFileSync(join(data('foreign'), 'log.db'), 'a diary')
    const digest = (): string =>
      createHash('sha256')
        .update(readFileSync(join(data('foreign'), 'log.db')))
        .digest('hex')
    const before = digest()
    expect(await runToEnd(['--data', data(), '--definition', other])).toMatchObject({ code: 1, errors: oneSentence('RONDO_DATA_MISMATCH') })
    expect(await runToEnd(['--data', data('foreign'), '--definition', definition])).toMatchObject({ code: 1, errors: oneSentence('RONDO_DATA_FOREIGN') })
    expect(digest()).toBe(before)
    expect(await runToEnd(['--data', join(definition, 'x'), '--definition', definition])).toMatchObject({
      code: 1,
      errors: oneSentence('RONDO_DATA_UNREADABLE'),
    })
  })
})

describe('a start', () => {
  it('on a port that is taken ends with a sentence, and leaves the folder usable', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const result = await runToEnd(['--data', data(), '--definition', definition, '--port', String(port)])
    server.close()
    expect(result).toMatchObject({ code: 1, output: '', errors: oneSentence('RONDO_PORT_IN_USE') })
    expect((await start()).url).not.toBe('')
  })

  it('with bad arguments names every one of them, and reads the definition too', async () => {
    const broken = join(home.path, 'broken.yaml')
    writeFileSync(broken, 'cycle: x\nversion: none\nactor: user\nstages: []\n')
    const { code, errors } = await runToEnd(['--port', '99999', '--sail', '--catch-up', 'soon', 'now', '--definition', broken])
    expect(code).toBe(2)
    for (const part of ['99999', '--sail', 'soon', 'now:', 'broken.yaml:2:', 'broken.yaml:4:']) expect(errors).toContain(part)
    expect(errors).not.toMatch(/^\s+at /m)
  })

  it('refuses a grace that the network would exceed, unless told', async () => {
    const hasty = join(home.path, 'hasty.yaml')
    writeFileSync(hasty, PULSE.replace('grace: 2h', 'grace: 1m'))
    expect(await runToEnd(['--validate', '--definition', hasty])).toMatchObject({ code: 2, errors: oneSentence('RONDO_DEFINITION_INVALID') })
    expect(await runToEnd(['--validate', '--definition', hasty, '--short-grace'])).toMatchObject({ code: 0, errors: '' })
  })
})

describe('an import over HTTP', () => {
  const time = (row: number): string => new Date(Date.parse('2026-01-01T00:00:00.000Z') + row * 1000).toISOString()
  const rows = (first: number, count: number): string =>
    Array.from({ length: count }, (_, at) =>
      JSON.stringify({
        id: `r${first + at}`,
        type: 'track',
        event: 'Visit',
        actor: { type: 'user', id: `u${first + at}` },
        time: time(first + at),
        receivedAt: time(first + at),
      }),
    ).join('\n')
  const begin = ({ url }: RunningApp, source = 'rows') => post(`${url}/v1/backfills`, { source, firstTime: time(0) })
  const put = ({ url }: RunningApp, id: unknown, first: number, text: string) =>
    post(`${url}/v1/backfills/${id}/rows?first=${first}`, text, { 'content-type': 'application/x-ndjson' })

  it('goes on behind a kill, takes no row twice, and lets live events follow its end', async () => {
    const first = await start()
    const { id } = (await begin(first)).body
    expect((await put(first, id, 0, rows(0, 10))).body).toEqual({ rows: 10, rejected: [] })
    await first.kill()
    const app = await start()
    expect((await begin(app)).body).toMatchObject({ id, rows: 10, open: true })
    expect((await put(app, id, 5, rows(5, 10))).body).toMatchObject({ rows: 15 })
    expect(await put(app, id, 20, rows(20, 1))).toMatchObject({ status: 409, body: { code: 'RONDO_IMPORT_CONFLICT' } })
    expect(await begin(app, 'other rows')).toMatchObject({ status: 409, body: { code: 'RONDO_BACKFILL_BUSY' } })
    const live = post(`${app.url}/v1/track`, { userId: 'live', event: 'Visit', messageId: 'live' })
    expect((await put(app, id, 15, `${rows(15, 1)}\nnonsense\n${rows(17, 1)}`)).body).toMatchObject({
      rows: 18,
      rejected: [{ row: 16, code: 'RONDO_ROW_INVALID' }],
    })
    expect((await post(`${app.url}/v1/backfills/${id}/end`, '')).body).toMatchObject({ rows: 18, open: false })
    expect((await post(`${app.url}/v1/backfills/${id}/end`, '')).body).toMatchObject({ rows: 18, open: false })
    expect(await live).toMatchObject({ status: 200 })
    const items = await eventually(
      () => feedOf(app),
      (found) => found.some(({ output }) => output.actor.id === 'live'),
    )
    const entered = items.filter(({ output }) => output.to === 'here' && output.evidence.event !== null)
    expect(entered.map(({ output }) => [output.evidence.event, output.origin])).toEqual([
      ...[...Array(16).keys(), 17].map((row) => [`r${row}`, 'backfill']),
      ['live', 'live'],
    ])
    expect((await begin(app)).body).toMatchObject({ open: false, rows: 18 })
    expect(await begin(app, 'older rows')).toMatchObject({ status: 409, body: { code: 'RONDO_IMPORT_TOO_OLD' } })
  })

  it('takes live events in as long as it lasts, over a stop and a kill and up to the bound, and tells how many were copies', async () => {
    const options = (...more: string[]) => ({ args: ['--data', data(), '--definition', definition, '--catch-up', '0s', ...more] })
    const live = ({ url }: RunningApp, messageId: string) => post(`${url}/v1/track`, { userId: 'live', event: 'Visit', messageId })
    const heldBytes = async ({ url }: RunningApp) => Number(((await (await fetch(`${url}/v1/health`)).json()) as { heldBytes: number }).heldBytes)
    const metric = async ({ url }: RunningApp, name: string) =>
      Number(
        (await (await fetch(`${url}/metrics`)).text())
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      )
    const first = await start(options())
    const { id } = (await begin(first)).body
    await put(first, id, 0, rows(0, 5))
    expect(await live(first, 'a')).toMatchObject({ status: 200 })
    expect(await live(first, 'b')).toMatchObject({ status: 200 })
    expect(await first.stop()).toBe(0)
    const second = await start(options())
    expect(await live(second, 'a')).toMatchObject({ status: 200 })
    const held = await heldBytes(second)
    expect(held).toBeGreaterThan(3 * 100)
    expect(await metric(second, 'rondo_held_bytes')).toBe(held)
    await second.kill()
    const third = await start(options('--held-bytes-max', String(held)))
    const full = await fetch(`${third.url}/v1/track`, { method: 'POST', body: JSON.stringify({ userId: 'live', event: 'Visit', messageId: 'c' }) })
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await metric(third, 'rondo_requests_turned_away_total{code="RONDO_OVERLOADED"}')).toBe(1)
    await put(third, id, 5, rows(5, 5))
    await post(`${third.url}/v1/backfills/${id}/end`, '')
    await eventually(
      () => heldBytes(third),
      (bytes) => bytes === 0,
    )
    expect(await live(third, 'c')).toMatchObject({ status: 200 })
    const copies = 'rondo_folded_events_total{partition="0",disposition="duplicate"}'
    const applied = 'rondo_folded_events_total{partition="0",disposition="applied"}'
    expect(
      await eventually(
        async () => [await metric(third, applied), await metric(third, copies)],
        ([count]) => count === 13,
      ),
    ).toEqual([13, 1])
    expect(await third.stop()).toBe(0)
    const { entries } = logOf(data())
    const events = entries.filter(({ record }) => record === undefined).map((entry) => entry.id)
    expect(events).toEqual([...Array.from({ length: 10 }, (_, row) => `r${row}`), 'a', 'b', 'a', 'c'])
    expect(entries.findIndex(({ id: name }) => name === 'a')).toBeGreaterThan(entries.findIndex(({ record }) => record === 'backfill.end'))
  })
})
