import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'

/** A request as an SDK sent it, from test/fixtures/clients. */
interface Captured {
  readonly client: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Record<string, unknown>
}
/** An answer with a page of the feed. */
type Feed = { items: { cursor: number; output: { id: string; actor: { id: string }; to: string; origin: string; evidence: { event: string | null } } }[] }

const captured = readFileSync(new URL('../fixtures/clients/captured_requests.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Captured)

const { path: pathOf, definition, start, launch } = pulseAppsForTests()
const data = (name = 'data'): string => pathOf(name)
async function runToEnd(args: readonly string[]): Promise<{ code: number | null; output: string; errors: string }> {
  const app = await launch(args)
  await app.ended
  return { code: app.child.exitCode, output: app.output, errors: app.errors }
}
const feedOf = async ({ url }: RunningApp): Promise<Feed['items']> => ((await (await fetch(`${url}/v1/transitions?after=0&limit=1000`)).json()) as Feed).items
const oneSentence = (code: string): unknown => expect.stringMatching(new RegExp(`^rondo: [^\\n]+ \\(${code}\\)\\n$`))

/** Sends a recorded request again, with the headers, the path and the compression of the client. */
function send(app: RunningApp, { path, headers, body }: Captured) {
  const text = JSON.stringify(body)
  const ofTheConnection = /^(host|connection|content-length|transfer-encoding|expect)$/
  const own = Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheConnection.test(name)))
  return post(`${app.url}${path}`, headers['content-encoding'] === 'gzip' ? gzipSync(text) : text, own)
}

describe('events over HTTP', () => {
  it('become stage transitions, from any client', async () => {
    const app = await start()
    expect(captured.length).toBe(27)
    for (const request of captured) {
      const answer = await send(app, request)
      expect([request.client, answer.status]).toEqual([request.client, 200])
      const calls = (request.body['batch'] ?? [request.body]) as unknown[]
      expect(answer.body).toMatchObject({ success: true, accepted: calls.length, rejected: [] })
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

  it('are accepted if they are valid, and reported if they are not', async () => {
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

  it('are all refused with a problem document if the body is unreadable', async () => {
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

  it('are accepted with any content type, compressed under either name of gzip', async () => {
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
  it('keeps everything after a stop and after a kill', async () => {
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

  it('is locked by one process, and a second process reports this in a sentence', async () => {
    await start()
    expect(await runToEnd(['--data', data(), '--definition', definition()])).toMatchObject({ code: 1, output: '', errors: oneSentence('RONDO_DATA_LOCKED') })
  })

  it('of another definition, of another program, or without access is not changed, and reported with a sentence', async () => {
    await (await start()).stop()
    const other = pathOf('other.yaml')
    writeFileSync(other, PULSE.replace('1500ms', '1600ms'))
    mkdirSync(data('foreign'))
    writeFileSync(join(data('foreign'), 'log.db'), 'a diary')
    const digest = (): string =>
      createHash('sha256')
        .update(readFileSync(join(data('foreign'), 'log.db')))
        .digest('hex')
    const before = digest()
    expect(await runToEnd(['--data', data(), '--definition', other])).toMatchObject({ code: 1, errors: oneSentence('RONDO_DATA_MISMATCH') })
    expect(await runToEnd(['--data', data('foreign'), '--definition', definition()])).toMatchObject({ code: 1, errors: oneSentence('RONDO_DATA_FOREIGN') })
    expect(digest()).toBe(before)
    expect(await runToEnd(['--data', join(definition(), 'x'), '--definition', definition()])).toMatchObject({
      code: 1,
      errors: oneSentence('RONDO_DATA_UNREADABLE'),
    })
  })
})

describe('a start', () => {
  it('on a used port ends with a sentence, and leaves the folder usable', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const result = await runToEnd(['--data', data(), '--definition', definition(), '--port', String(port)])
    server.close()
    expect(result).toMatchObject({ code: 1, errors: oneSentence('RONDO_PORT_IN_USE') })
    expect(result.output).not.toContain('http://')
    expect((await start()).url).not.toBe('')
  })

  it('with bad arguments reports all of them, and checks the definition too', async () => {
    const broken = pathOf('broken.yaml')
    writeFileSync(broken, 'cycle: x\nversion: none\nactor: user\nstages: []\n')
    const { code, errors } = await runToEnd(['--port', '99999', '--sail', '--catch-up', 'soon', '--held-bytes-max', '1GB', 'now', '--definition', broken])
    expect(code).toBe(2)
    for (const part of ['99999', '--sail', 'soon', '1GB', 'now:', 'broken.yaml:2:', 'broken.yaml:4:']) expect(errors).toContain(part)
    expect(errors).not.toMatch(/^\s+at /m)
  })

  it('refuses the data folder as the archive when the settings are checked', async () => {
    const data = pathOf('archived')
    expect(await runToEnd(['--validate', '--data', data, '--archive', data])).toMatchObject({ code: 2, errors: oneSentence('RONDO_ARGUMENT_INVALID') })
    expect(await runToEnd(['--validate', '--data', data, '--archive', pathOf('archive')])).toMatchObject({ code: 0, errors: '' })
  })

  it('refuses a grace period shorter than network delays, unless an option allows it', async () => {
    const hasty = pathOf('hasty.yaml')
    writeFileSync(hasty, PULSE.replace('grace: 2h', 'grace: 1m'))
    expect(await runToEnd(['--validate', '--definition', hasty])).toMatchObject({ code: 2, errors: oneSentence('RONDO_DEFINITION_INVALID') })
    expect(await runToEnd(['--validate', '--definition', hasty, '--short-grace'])).toMatchObject({ code: 0, errors: '' })
  })
})
