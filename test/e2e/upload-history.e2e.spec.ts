import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { eventually } from '../fixtures/eventually.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'
import { logOf } from '../fixtures/processes/running-import.ts'

const { path, argsOf, start } = pulseAppsForTests()
const run = promisify(execFile)

const ACTORS = 1000
/** A busy machine needs minutes for a long upload. */
const MS_MAX = 900_000
const timeOf = (row: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + row).toISOString()
const line = (row: number, more = {}): string =>
  `${JSON.stringify({ id: `r${row}`, event: 'Visit', actor: { type: 'user', id: `u${row % ACTORS}` }, time: timeOf(row), ...more })}\n`
const lines = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => line(from + i)).join('')

/** The parts of the answer that the test checks. */
interface Answer {
  readonly status: number | undefined
  readonly body: string
}

/** A request that uploads to a source; its body is written by the test. */
function upload(
  { url }: RunningApp,
  source: string,
  headers: Record<string, string> = {},
): { readonly sender: ClientRequest; readonly answer: Promise<Answer> } {
  const sender = request(`${url}/v1/backfills/${source}`, { method: 'PUT', headers })
  const answer = new Promise<Answer>((resolve, reject) => {
    sender.on('error', reject)
    sender.on('response', (response: IncomingMessage) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
  })
  answer.catch(() => {})
  return { sender, answer }
}

const rowsDurable = async ({ url }: RunningApp): Promise<number> => ((await (await fetch(`${url}/v1/backfills/current`)).json()) as { rows?: number }).rows ?? 0
const idsInLog = (): (string | undefined)[] =>
  logOf(path('data'))
    .entries.filter(({ record }) => record === undefined)
    .map(({ id }) => id)

describe('a history that is uploaded', () => {
  it('with curl is in the log when the receipt comes, and each row once when it is sent again', async () => {
    const app = await start()
    writeFileSync(path('history.ndjson.gz'), gzipSync(`${lines(0, 5000)}nonsense\n${lines(5000, 6000)}`))
    // A path that ends with a slash gets the name of the file from curl.
    const send = async () => JSON.parse((await run('curl', ['-sS', '-T', path('history.ndjson.gz'), `${app.url}/v1/backfills/`])).stdout) as object
    expect(await send()).toMatchObject({
      source: 'history.ndjson.gz',
      done: true,
      rows: 6001,
      accepted: 6000,
      refused: 1,
      copies: 0,
      rejected: [{ line: 5001 }],
    })
    expect(await send()).toMatchObject({ rows: 6001, accepted: 0, refused: 0, copies: 6001 })
    expect(idsInLog()).toEqual(Array.from({ length: 6000 }, (_, row) => `r${row}`))
    expect(logOf(path('data')).quarantine).toMatchObject([{ where: 'history.ndjson.gz, line 5001', raw: 'nonsense' }])
  })

  it(
    'packed with gzip takes no more memory the longer it is, and reports its progress',
    async () => {
      const app = await start()
      const residentBytes = (): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${app.child.pid}/status`, 'utf8'))?.[1]) * 1024
      // 600 MB: parts of 1,000 rows and four lines that are too long, which are refused and cost little time.
      const [PARTS, ROWS_A_PART, LONG_LINES_A_PART] = [120, 1000, 4]
      const long = gzipSync(`${'x'.repeat(1_100_000)}\n`.repeat(LONG_LINES_A_PART))
      const resident: number[] = []
      function* parts(): Generator<Buffer> {
        for (let part = 0; part < PARTS; part++) {
          resident.push(residentBytes())
          const rows = Array.from({ length: ROWS_A_PART }, (_, i) => line(part * ROWS_A_PART + i, { properties: { note: 'x'.repeat(500) } }))
          yield Buffer.concat([gzipSync(rows.join(''), { level: 1 }), long])
        }
      }
      const { sender, answer } = upload(app, 'large', { accept: 'application/x-ndjson' })
      await pipeline(Readable.from(parts(), { highWaterMark: 1 }), sender)
      const { status, body } = await answer
      const told = body
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text) as { done: boolean; rows: number })
      const [accepted, refused] = [PARTS * ROWS_A_PART, PARTS * LONG_LINES_A_PART]
      expect([status, told.at(-1)]).toMatchObject([200, { done: true, rows: accepted + refused, accepted, refused }])
      expect(told.length).toBeGreaterThan(1)
      expect(told.map(({ rows }) => rows)).toEqual(told.map(({ rows }) => rows).toSorted((a, b) => a - b))
      // What a busy machine leaves uncollected for a time is the same in both halves. Memory that holds the rows would grow by two thirds.
      const [first, second] = [resident.slice(0, PARTS / 2), resident.slice(PARTS / 2)]
      expect(Math.max(...second) / Math.max(...first)).toBeLessThan(1.4)
    },
    MS_MAX,
  )

  it('continues after a kill in the middle, with each row in the log once', async () => {
    const ROWS = 60_000
    const text = lines(0, ROWS)
    const first = await start()
    const broken = upload(first, 'shop')
    // Never ended, so the server reads and waits for more.
    broken.sender.write(text.slice(0, text.length * 0.8))
    await eventually(
      () => rowsDurable(first),
      (rows) => rows > 0,
    )
    await first.kill()
    await expect(broken.answer).rejects.toThrow()
    const app = await start()
    const durable = await rowsDurable(app)
    expect(durable).toBeGreaterThan(0)
    const { sender, answer } = upload(app, 'shop')
    sender.end(text)
    expect(JSON.parse((await answer).body)).toMatchObject({ done: true, rows: ROWS, copies: durable, accepted: ROWS - durable })
    expect(idsInLog()).toEqual(Array.from({ length: ROWS }, (_, row) => `r${row}`))
  })

  it('may come slower than other requests may; its rows are durable and live events are answered meanwhile', async () => {
    const app = await start({ args: argsOf('--request-timeout', '500ms') })
    const { sender, answer } = upload(app, 'slow')
    sender.write(lines(0, 10))
    // A request that is not an upload, begun later, has met the limit by then.
    const other = request(`${app.url}/v1/track`, { method: 'POST', headers: { 'content-length': '100' } })
    other.write('{')
    const refused = new Promise((resolve) => other.on('response', ({ statusCode }) => resolve(statusCode)).on('error', resolve))
    expect(await refused).toBe(408)
    sender.write(lines(10, 20))
    await eventually(
      () => rowsDurable(app),
      (rows) => rows > 0,
    )
    expect(await post(`${app.url}/v1/track`, { userId: 'live', event: 'Visit', messageId: 'live' })).toMatchObject({ status: 200 })
    sender.end(lines(20, 30))
    const { status, body } = await answer
    expect([status, JSON.parse(body)]).toMatchObject([200, { rows: 30, accepted: 30 }])
    await eventually(idsInLog, (ids) => ids.length === 31)
    expect(idsInLog()).toEqual([...Array.from({ length: 30 }, (_, row) => `r${row}`), 'live'])
  })

  it('that is no history is refused with its reason, and the connection serves further requests', async () => {
    const app = await start()
    const { sender, answer } = upload(app, 'wrong')
    sender.end('<html>')
    const { status, body } = await answer
    expect([status, JSON.parse(body)]).toMatchObject([400, { code: 'RONDO_BODY_INVALID', detail: expect.stringContaining('HTML') }])
    const packed = upload(app, 'wrong', { 'content-encoding': 'lz4' })
    packed.sender.end('{}')
    expect(JSON.parse((await packed.answer).body)).toMatchObject({ code: 'RONDO_BODY_INVALID' })
    expect((await fetch(`${app.url}/v1/backfills/current`)).status).toBe(404)
  })
})
