import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { errorCodes } from '#contracts'
import { type RawAnswer, RawConnection } from '../fixtures/http/raw-connection.ts'
import { TestServer } from '../fixtures/http/test-server.ts'

const ROUNDS = process.env['RONDO_TEST_LONG'] === '1' ? 10_000 : 300

const testServer = new TestServer()
let key: string
let count = 0
/** A client that keeps half of a request back is refused in this time. */
const LIMITS = { headersTimeout: 300, requestTimeout: 300 }
beforeAll(async () => {
  await testServer.open(true, LIMITS)
  key = (await testServer.keys.create({ role: 'write', name: 'fuzz' }, 'command')).text
})
afterAll(() => testServer.close())

const track = (id: string): string => `{"event":"Visit","userId":"u","messageId":"${id}"}`

/** A request with an event. */
function post(id: string, { framing, body = track(id), line = 'POST /v1/track HTTP/1.1' }: { framing?: string; body?: string; line?: string } = {}): string {
  const headers = [
    line,
    'host: localhost',
    `authorization: Bearer ${key}`,
    'content-type: application/json',
    framing ?? `content-length: ${Buffer.byteLength(body)}`,
  ]
  return `${headers.join('\r\n')}\r\n\r\n${body}`
}

const isStored = (id: string): boolean => testServer.stored(200_000).some((event) => event.id === id)

async function isAlive(): Promise<void> {
  const connection = new RawConnection(testServer.url).send('GET /v1/health/live HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const [answer] = await connection.answered()
  connection.end()
  expect(answer?.body).toBe('{"status":"ok"}')
}

/** Whether an answer is a success, or a refusal of the client with a code. */
function isGood({ status, headers, body }: RawAnswer): boolean {
  if (status < 300) return true
  const code = headers['content-type']?.startsWith('application/problem+json') ? (JSON.parse(body) as { code: string }).code : ''
  return status < 500 && (errorCodes as readonly string[]).includes(code)
}

const changeArb = fc.tuple(fc.nat(), fc.constantFrom('insert', 'replace', 'remove'), fc.uint8Array({ minLength: 1, maxLength: 4 }))

function changed(text: string, [at, kind, bytes]: [number, string, Uint8Array]): string {
  const place = at % text.length
  const rest = text.slice(kind === 'insert' ? place : place + bytes.length)
  return text.slice(0, place) + (kind === 'remove' ? '' : Buffer.from(bytes).toString('latin1')) + rest
}

describe('changed bytes of a request', () => {
  it("are answered as the client's defect or read as another request, and the connection ends", async () => {
    let refused = 0
    await fc.assert(
      fc.asyncProperty(fc.array(changeArb, { minLength: 1, maxLength: 3 }), async (changes) => {
        const connection = new RawConnection(testServer.url).send(changes.reduce(changed, post(`c${++count}`)))
        connection.socket.end()
        const answers = await connection.closed()
        expect(answers.filter((answer) => !isGood(answer))).toEqual([])
        refused += answers.filter(({ status }) => status >= 400).length
      }),
      { numRuns: ROUNDS },
    )
    expect(refused).toBeGreaterThan(ROUNDS / 10)
    await isAlive()
  })

  it('that come in parts of any size give the same answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }), fc.boolean(), async (sizes, isChunked) => {
        const id = `p${++count}`
        const body = isChunked
          ? `5;x=y\r\n${track(id).slice(0, 5)}\r\n${(track(id).length - 5).toString(16)}\r\n${track(id).slice(5)}\r\n0\r\ntrailer: x\r\n\r\n`
          : track(id)
        let rest = post(id, { body, ...(isChunked ? { framing: 'transfer-encoding: chunked' } : {}) })
        const connection = new RawConnection(testServer.url)
        for (const size of sizes) {
          connection.send(rest.slice(0, size))
          rest = rest.slice(size)
          await new Promise((resolve) => setImmediate(resolve))
        }
        const [answer] = await connection.send(rest).answered()
        connection.end()
        expect([answer?.status, isStored(id)]).toEqual([200, true])
      }),
      { numRuns: ROUNDS / 6 },
    )
  })

  it('of which the end never comes store nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (at) => {
        const ids = Array.from({ length: 20 }, () => `s${++count}`)
        const connections = ids.map((id) => new RawConnection(testServer.url).send(post(id).slice(0, at % post(id).length)))
        for (const answers of await Promise.all(connections.map((connection) => connection.closed()))) {
          expect(answers.map(({ status, body }) => [status, (JSON.parse(body) as { code: string }).code])).toEqual([[408, 'RONDO_REQUEST_TIMEOUT']])
        }
        expect(ids.filter(isStored)).toEqual([])
      }),
      { numRuns: ROUNDS / 100 },
    )
  })
})

/** Framings that servers read in different ways, each in front of a body with a whole request in it. */
const framings: readonly ((length: number) => string)[] = [
  () => 'content-length: 0\r\ntransfer-encoding: chunked',
  () => 'transfer-encoding: chunked\r\ncontent-length: 4',
  () => 'transfer-encoding: chunked\r\ntransfer-encoding: identity',
  () => 'transfer-encoding: identity, chunked',
  () => 'transfer-encoding: chunked, identity',
  () => 'transfer-encoding:\tchunked\r\ncontent-length: 4',
  () => 'transfer-encoding: "chunked"',
  () => 'transfer-encoding: chunked;a=b',
  () => 'transfer-encoding : chunked',
  () => ' transfer-encoding: chunked',
  () => 'x: y\n transfer-encoding: chunked',
  () => 'transfer-encoding:\r\n chunked',
  () => 'transfer\u0000-encoding: chunked',
  () => 'transfer_encoding: chunked\r\ncontent-length: 4, 4',
  () => 'content-length: 4\r\ncontent-length: 5',
  (length) => `content-length: ${length}\r\ncontent-length: 0`,
  () => 'content-length: 0x10',
  () => 'content-length: -1',
  () => 'content-length: +4',
  () => 'content-length: 4e1',
  () => 'content-length: 99999999999999999999',
  () => 'content-length: 4\u000b',
  () => 'expect: 100-continue\r\ncontent-length: 4\r\ntransfer-encoding: chunked',
]

describe('a request that is hidden in the body of another', () => {
  it.each(framings.map((framing) => [framing(9), framing] as const))('under %j is never read as a request of its own', async (_, framing) => {
    const id = `hidden${++count}`
    const hidden = post(id)
    for (const body of [`0\r\n\r\n${hidden}`, `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`, hidden]) {
      const connection = new RawConnection(testServer.url).send(post('outer', { body, framing: framing(body.length) }))
      connection.socket.end()
      const answers = await connection.closed()
      expect(answers.map(isGood)).toEqual(answers.map(() => true))
      expect(answers.filter(({ status }) => status === 200)).toEqual([])
    }
    expect(isStored(id)).toBe(false)
  })

  it('after a clear length is a request of its own, and both are answered in their order', async () => {
    const ids = Array.from({ length: 30 }, () => `o${++count}`)
    const connection = new RawConnection(testServer.url).send(
      ids.map((id, at) => (at % 3 === 2 ? post(id, { line: 'POST /v1/nothing HTTP/1.1' }) : post(id))).join(''),
    )
    const answers = await connection.answered(ids.length)
    connection.end()
    expect(answers.map(({ status }) => status)).toEqual(ids.map((_, at) => (at % 3 === 2 ? 404 : 200)))
    expect(ids.filter(isStored)).toEqual(ids.filter((_, at) => at % 3 !== 2))
  })
})

describe('paths and methods of any kind', () => {
  it('are answered without a failure of the server, and never redirected', async () => {
    const parts = fc.constantFrom(
      '/',
      '//',
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '%5c',
      '%00',
      '%',
      '%zz',
      '%c0%af',
      '%ff',
      ';a=b',
      '?',
      '#',
      '*',
      ':',
      '@',
      '\\',
      '{',
      '|',
      '~',
      'v1',
      'track',
      'keys',
      'actors',
      'user',
      'a'.repeat(300),
    )
    const path = fc.array(parts, { maxLength: 10 }).map((list) => `/${list.join('')}`)
    const method = fc.constantFrom(
      'GET',
      'POST',
      'PUT',
      'DELETE',
      'HEAD',
      'OPTIONS',
      'PATCH',
      'TRACE',
      'QUERY',
      'PROPFIND',
      'LINK',
      'M-SEARCH',
      'get',
      'G ET',
      '',
    )
    const absolute = fc.constantFrom('', '', '', 'http://localhost', 'http://other.example', 'ftp://localhost')
    await fc.assert(
      fc.asyncProperty(method, absolute, path, async (verb, base, text) => {
        const connection = new RawConnection(testServer.url).send(post('any', { line: `${verb} ${base}${text} HTTP/1.1`, body: '{}' }))
        connection.socket.end()
        const [answer] = await connection.closed()
        // The answer to HEAD has no body.
        if (verb === 'HEAD') expect(answer?.status ?? 400).toBeLessThan(500)
        else expect([answer, answer !== undefined && isGood(answer)]).toEqual([answer, true])
        expect(answer?.headers['location']).toBeUndefined()
      }),
      { numRuns: ROUNDS },
    )
    await isAlive()
  })
})
