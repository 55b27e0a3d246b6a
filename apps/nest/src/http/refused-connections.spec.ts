import { afterEach, describe, expect, it } from '@jest/globals'
import { Body, Controller, Get, HttpCode, Module, Param, Post } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { type HttpLimits, textLogger } from '#process'
import { RawConnection } from '../../../../test/fixtures/http/raw-connection.ts'
import { closeApp, listen, newApp } from '../http-app.ts'
import { securityHeaders } from './security-headers.ts'

let release: PromiseWithResolvers<void>

/** A controller that answers with what it gets. */
@Controller()
class EchoController {
  @Post('echo')
  @HttpCode(200)
  echo(@Body() body: Buffer | undefined) {
    return { bytes: body?.length ?? 0 }
  }

  @Get('waiting')
  async waiting() {
    await release.promise
    return { waited: true }
  }

  @Get('parts/:part')
  part(@Param('part') part: string) {
    return { part }
  }
}

/** The app of this test. */
@Module({})
class EchoModule {}

let app: NestFastifyApplication
let url: string
const connections: RawConnection[] = []
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.end()
  await closeApp(app)
})

async function open(limits: Partial<HttpLimits> = {}): Promise<void> {
  release = Promise.withResolvers()
  const listening = { host: '127.0.0.1', port: 0 }
  app = await newApp({ module: EchoModule, controllers: [EchoController] }, { ...listening, ...limits }, textLogger)
  url = await listen(app, listening)
}

function connection(...parts: (string | Uint8Array)[]): RawConnection {
  const opened = new RawConnection(url).send(...parts)
  connections.push(opened)
  return opened
}

const HOST = 'host: localhost\r\n'
const post = (headers: string, body = ''): string => `POST /echo HTTP/1.1\r\n${HOST}${headers}\r\n${body}`

const refused: [string, string, number, string][] = [
  ['two different lengths', post('content-length: 3\r\ncontent-length: 4\r\n', 'abcd'), 400, 'RONDO_REQUEST_INVALID'],
  ['the same length twice', post('content-length: 3\r\ncontent-length: 3\r\n', 'abc'), 400, 'RONDO_REQUEST_INVALID'],
  ['a list of lengths', post('content-length: 3, 3\r\n', 'abc'), 400, 'RONDO_REQUEST_INVALID'],
  ['a length with a sign', post('content-length: +3\r\n', 'abc'), 400, 'RONDO_REQUEST_INVALID'],
  ['a length beside chunks', post('content-length: 3\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['chunks beside a length', post('transfer-encoding: chunked\r\ncontent-length: 3\r\n', '0\r\n\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['an unknown transfer coding', post('transfer-encoding: xchunked\r\n', '0\r\n\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['a transfer coding beside chunks', post('transfer-encoding: gzip, chunked\r\n', '0\r\n\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['chunks twice', post('transfer-encoding: chunked, chunked\r\n', '0\r\n\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['chunks in HTTP/1.0', `POST /echo HTTP/1.0\r\n${HOST}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400, 'RONDO_REQUEST_INVALID'],
  ['a chunk size that is no number', post('transfer-encoding: chunked\r\n', 'zz\r\na\r\n0\r\n\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['a chunk that ends with a bare LF', post('transfer-encoding: chunked\r\n', '1\na\n0\n\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['a chunk size beyond 64 bits', post('transfer-encoding: chunked\r\n', 'fffffffffffffffff\r\na'), 400, 'RONDO_REQUEST_INVALID'],
  ['large chunk extensions', post('transfer-encoding: chunked\r\n', `1;${'a'.repeat(20_000)}\r\na\r\n0\r\n\r\n`), 413, 'RONDO_BODY_TOO_LARGE'],
  ['large trailers', post('transfer-encoding: chunked\r\n', `1\r\na\r\n0\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`), 431, 'RONDO_HEADERS_TOO_LARGE'],
  ['a folded header', post('x: a\r\n b\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['lines that end with a bare LF', `GET /parts/a HTTP/1.1\nhost: localhost\n\n`, 400, 'RONDO_REQUEST_INVALID'],
  ['a space before a colon', post('content-length : 0\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['NUL in a header', post('x: a\0b\r\n'), 400, 'RONDO_REQUEST_INVALID'],
  ['an unknown method', `FOO /echo HTTP/1.1\r\n${HOST}\r\n`, 400, 'RONDO_REQUEST_INVALID'],
  ['another version of HTTP', `GET /echo HTTP/9.9\r\n${HOST}\r\n`, 400, 'RONDO_REQUEST_INVALID'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'RONDO_REQUEST_INVALID'],
  ['no host', 'GET /parts/a HTTP/1.1\r\n\r\n', 400, 'RONDO_REQUEST_INVALID'],
  ['two hosts', `GET /parts/a HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400, 'RONDO_REQUEST_INVALID'],
  ['a foreign host', 'GET /parts/a HTTP/1.1\r\nhost: shop.example\r\n\r\n', 421, 'RONDO_HOST_FOREIGN'],
  ['a foreign host in the path', `GET http://shop.example/parts/a HTTP/1.1\r\n${HOST}\r\n`, 421, 'RONDO_HOST_FOREIGN'],
  ['an unknown expectation', post('expect: 200-ok\r\ncontent-length: 1\r\n', 'a'), 417, 'RONDO_REQUEST_INVALID'],
  ['a tunnel', `CONNECT shop.example:80 HTTP/1.1\r\n${HOST}\r\n`, 405, 'RONDO_METHOD_NOT_ALLOWED'],
  ['a path of 20 KB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 414, 'RONDO_PATH_TOO_LONG'],
  ['a part of a path that is longer than an id', `GET /parts/${'a'.repeat(1000)} HTTP/1.1\r\n${HOST}\r\n`, 414, 'RONDO_PATH_TOO_LONG'],
  ['a path that cannot be decoded', `GET /parts/%zz HTTP/1.1\r\n${HOST}\r\n`, 400, 'RONDO_ARGUMENT_INVALID'],
  ['a header of 1 MB', post(`x: ${'a'.repeat(1_000_000)}\r\n`), 431, 'RONDO_HEADERS_TOO_LARGE'],
  ['5,000 headers', post('a:\r\n'.repeat(5_000)), 431, 'RONDO_HEADERS_TOO_LARGE'],
  ['a body above the limit', post('content-length: 100000000\r\n', 'a'), 413, 'RONDO_BODY_TOO_LARGE'],
  ['an unknown path', `GET /nothing HTTP/1.1\r\n${HOST}\r\n`, 404, 'RONDO_NOT_FOUND'],
  ['a path of everything', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 404, 'RONDO_NOT_FOUND'],
  ['another method', `DELETE /echo/ HTTP/1.1\r\n${HOST}\r\n`, 405, 'RONDO_METHOD_NOT_ALLOWED'],
]

describe('a request that no handler gets', () => {
  it.each(refused)('with %s is answered with a problem document', async (_, request, status, code) => {
    await open()
    const [answer] = await connection(request).answered()
    expect([answer?.status, JSON.parse(answer?.body || '{}')]).toEqual([status, expect.objectContaining({ status, code, message: expect.any(String) })])
    expect(answer?.headers).toMatchObject({ ...securityHeaders, 'content-type': expect.stringMatching(/^application\/problem\+json/) })
    const [after] = await connection(`GET /parts/a HTTP/1.1\r\n${HOST}\r\n`).answered()
    expect(after?.body).toBe('{"part":"a"}')
  })

  it('because of its body names the limit', async () => {
    await open()
    const [answer] = await connection(post('content-length: 100000000\r\n', 'a')).answered()
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ message: expect.stringContaining('at most 1 MB') })
  })

  it('names the methods of its path if only the method is wrong', async () => {
    await open()
    const answers = await Promise.all(
      ['GET /echo', 'POST /parts/x', 'TRACE /waiting', 'QUERY /waiting'].map((line) => connection(`${line} HTTP/1.1\r\n${HOST}\r\n`).answered()),
    )
    expect(answers.map(([answer]) => answer?.headers['allow'])).toEqual(['POST', 'GET, HEAD', 'GET, HEAD', 'GET, HEAD'])
  })
})

describe('an answer', () => {
  it('comes after the answers to the requests before it on the connection', async () => {
    await open()
    const opened = connection(`GET /waiting HTTP/1.1\r\n${HOST}\r\n`, 'nonsense\r\n\r\n')
    await connection(`GET /parts/a HTTP/1.1\r\n${HOST}\r\n`).answered()
    expect(opened.answers).toEqual([])
    release.resolve()
    expect((await opened.closed()).map(({ status }) => status)).toEqual([200, 400])
  })

  it('to each of many requests at once comes in their order', async () => {
    await open()
    const parts = Array.from({ length: 50 }, (_, at) => `GET /parts/p${at} HTTP/1.1\r\n${HOST}\r\n`)
    const answers = await connection(parts.join('')).answered(50)
    expect(answers.map(({ body }) => body)).toEqual(parts.map((_, at) => `{"part":"p${at}"}`))
  })

  it('goes to a client that ended its side after the request, and then the connection ends', async () => {
    await open()
    const sent = connection(post('content-length: 3\r\n', 'abc'))
    const waiting = connection(`GET /parts/a HTTP/1.1\r\n${HOST}\r\nGET /waiting HTTP/1.1\r\n${HOST}\r\n`)
    for (const { socket } of [sent, waiting]) socket.end()
    expect((await sent.closed()).map(({ body }) => body)).toEqual(['{"bytes":3}'])
    expect((await waiting.answered()).map(({ body }) => body)).toEqual(['{"part":"a"}'])
    release.resolve()
    expect((await waiting.closed()).map(({ body }) => body)).toEqual(['{"part":"a"}', '{"waited":true}'])
  })

  it.each([
    ['half of a request', 'POST /echo HTTP/1.1\r\nhost: loc', [400]],
    ['half of a body', post('content-length: 10\r\n', 'abc'), [400]],
    ['nothing', '', []],
  ])('to a client that ended its side after %s is no success, and the connection ends', async (_, sent, statuses) => {
    await open()
    const opened = connection(sent)
    opened.socket.end()
    expect((await opened.closed()).map(({ status }) => status)).toEqual(statuses)
  })

  it('with 100 invites a body, and no body that is too large', async () => {
    await open()
    const invited = connection(post('expect: 100-continue\r\ncontent-length: 3\r\n'))
    expect((await invited.answered()).map(({ status }) => status)).toEqual([100])
    expect((await invited.send('abc').answered(2)).at(-1)).toMatchObject({ status: 200, body: '{"bytes":3}' })
    const large = connection(post('expect: 100-continue\r\ncontent-length: 3000000\r\n'))
    expect((await large.closed()).map(({ status }) => status)).toEqual([413])
  })
})

describe('a slow client', () => {
  it.each([
    ['sends nothing', ''],
    ['sends half of the headers', 'POST /echo HTTP/1.1\r\nhost: loc'],
  ])('that %s gets 408, and the connection ends', async (_, sent) => {
    await open({ headersTimeout: 20 })
    const [answer] = await connection(sent).closed()
    expect([answer?.status, JSON.parse(answer?.body ?? '{}')['code'], answer?.headers['connection']]).toEqual([408, 'RONDO_REQUEST_TIMEOUT', 'close'])
  })

  it('that sends half of the body gets 408, and the connection ends', async () => {
    await open({ requestTimeout: 20 })
    const [answer] = await connection(post('content-length: 10\r\n', 'abc')).closed()
    expect([answer?.status, JSON.parse(answer?.body ?? '{}')['code']]).toEqual([408, 'RONDO_REQUEST_TIMEOUT'])
  })

  it('that does not send a second request is disconnected, without an answer', async () => {
    await open({ keepAliveTimeout: 20 })
    expect((await connection(`GET /parts/a HTTP/1.1\r\n${HOST}\r\n`).closed()).map(({ status }) => status)).toEqual([200])
  })

  it('delays no other client', async () => {
    await open({ headersTimeout: 600_000, requestTimeout: 600_000 })
    for (let slow = 0; slow < 100; slow++) connection('POST /echo HTTP/1.1\r\nhost: loc')
    const answers = await Promise.all(Array.from({ length: 20 }, () => connection(post('content-length: 1\r\n', 'a')).answered()))
    expect(answers.map(([answer]) => answer?.status)).toEqual(answers.map(() => 200))
  })
})

it('a connection beyond the limit is closed at once', async () => {
  await open({ connectionsMax: 2 })
  const kept = [connection(), connection()]
  for (const one of kept) await one.send(`GET /parts/a HTTP/1.1\r\n${HOST}\r\n`).answered()
  expect(await connection().closed()).toEqual([])
  kept[0]?.end()
  await kept[0]?.closed()
})
