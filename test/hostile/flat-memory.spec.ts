import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { RawConnection } from '../fixtures/http/raw-connection.ts'
import { sendBytes } from '../fixtures/http/send-bytes.ts'
import { TestServer } from '../fixtures/http/test-server.ts'
import { dialects } from './dialects.ts'

const ROUNDS = process.env['RONDO_TEST_LONG'] === '1' ? 100 : 20
/** Rounds in which caches and code are filled. */
const FIRST_ROUNDS = 8
/** Requests of each kind in a round. */
const REQUESTS = 20

/** The rounds send about 3,900 requests, which a busy machine does slowly. */
const MS_MAX = 900_000

const testServer = new TestServer()
let key: string
beforeAll(async () => {
  await testServer.open(true, { headersTimeout: 200, requestTimeout: 200 })
  key = (await testServer.keys.create({ role: 'write', name: 'fuzz' }, 'command')).text
})
afterAll(() => testServer.close())

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const BOMB = gzipSync(Buffer.alloc(32 * 1024 * 1024))
const HEAD = 'host: localhost\r\nauthorization: Bearer '
const [track] = Object.values(dialects)

function post(body: Uint8Array, headers: Record<string, string> = {}): Promise<unknown> {
  return sendBytes(testServer.url, { path: '/v1/track', body, headers: { authorization: `Bearer ${key}`, ...headers } })
}

async function raw(text: string): Promise<void> {
  const connection = new RawConnection(testServer.url).send(text)
  await connection.closed()
}

/** Some requests of each kind: accepted, refused by a handler, by the server, by the parser, broken off, and too slow. */
async function round(number: number): Promise<void> {
  for (let at = 0; at < REQUESTS; at++) {
    const id = `m${number}-${at}`
    await Promise.all([
      post(Buffer.from(track?.body(id, `"${'x'.repeat(10_000)}"`) ?? '')),
      post(Buffer.from(track?.body(id, `${'['.repeat(20_000)}${']'.repeat(20_000)}`) ?? '')),
      post(Buffer.from(`{"unique-${id}`)),
      post(BOMB.subarray(0, 20_000), { 'content-encoding': 'gzip' }),
      post(Buffer.alloc(10), { 'content-type': `text/x-${id}`, 'content-encoding': `x-${id}` }),
      sendBytes(testServer.url, { path: `/v1/${id}`, method: 'PUT' }),
      sendBytes(testServer.url, { path: '/v1/track', headers: { authorization: `Bearer rondo_write_${id}`, origin: `https://${id}.example` } }),
      raw(`POST /v1/track HTTP/1.1\r\n${HEAD}${key}\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n`),
      raw(`GET /${id} HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
    ])
  }
  await Promise.all(Array.from({ length: 5 }, () => post(BOMB, { 'content-encoding': 'gzip' })))
  const open = Array.from({ length: REQUESTS }, () =>
    new RawConnection(testServer.url).send(`POST /v1/track HTTP/1.1\r\n${HEAD}${key}\r\ncontent-length: 500000\r\n\r\n`, Buffer.alloc(100_000)),
  )
  for (const connection of open.slice(REQUESTS / 2)) connection.end()
  await Promise.all(open.map((connection) => connection.closed()))
}

/** Bytes of JavaScript values, and of buffers outside of them, after garbage was collected. */
function bytesInUse(): { readonly heap: number; readonly buffers: number } {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return { heap: heapUsed, buffers: external }
}

it(
  'memory does not grow with hostile requests',
  async () => {
    const used: ReturnType<typeof bytesInUse>[] = []
    for (let number = 0; number < ROUNDS; number++) {
      await round(number)
      // What the requests have left to do is done in the next turns.
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
      used.push(bytesInUse())
    }
    const part = Math.floor((ROUNDS - FIRST_ROUNDS) / 2)
    const growthOf = (kind: 'heap' | 'buffers'): number => {
      const bytes = used.map((use) => use[kind])
      return Math.min(...bytes.slice(-part)) / Math.min(...bytes.slice(FIRST_ROUNDS, FIRST_ROUNDS + part))
    }
    // The heap is measured to a tenth of a percent. Half a percent is about 250 bytes for each request. Buffers are freed later than the values that hold them.
    expect(growthOf('heap')).toBeLessThan(1.005)
    expect(growthOf('buffers')).toBeLessThan(1.5)
  },
  MS_MAX,
)
