import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from '@jest/globals'
import { Server } from '../server/server.ts'
import type { ImportTarget } from './import-target.ts'
import { serverTarget } from './server-target.ts'

const ATTEMPTS_MAX = 4
/** What the server of a test does with a request. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void
const cycles = JSON.stringify({ items: [{ cycle: 'c', title: 'C', actor: 'account', timezone: 'UTC' }] })
const servers: TcpServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    if ('closeAllConnections' in server) (server as ReturnType<typeof createServer>).closeAllConnections()
  }
})

/** A server that reports its cycle, and then gives the answers in order; the last one is repeated. */
async function target(...answers: Answer[]): Promise<{ target: ImportTarget; messages: string[]; asked: string[] }> {
  const asked: string[] = []
  const messages: string[] = []
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    if (request.url === '/v1/cycles') return void response.end(cycles)
    if (request.url === '/v1/cycles/c/definition') return problem(404, 'RONDO_NOT_FOUND')(request, response)
    asked.push(`${request.method} ${request.url} ${body}`)
    const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers
    answer?.(request, response)
  }
  const server = createServer((request, response) => void reply(request, response))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const stop = new AbortController().signal
  return {
    target: await serverTarget(new Server(url, stop), { stop, print: (line) => messages.push(line), pauses: { pauseMs: 1, attemptsMax: ATTEMPTS_MAX } }),
    messages,
    asked,
  }
}

const breakOff: Answer = (request) => request.socket.destroy()
const respond =
  (status: number, body: unknown): Answer =>
  (_, response) => {
    response.statusCode = status
    response.end(JSON.stringify(body))
  }
const problem = (status: number, code: string): Answer => respond(status, { code, detail: `because of ${code}` })
/** A part that begins with the item of number 7. The server stores nine items in all, seven before the part and two of the part. */
const part = {
  first: 7,
  items: [
    { line: 3, refused: { code: 'c', reason: 'r', where: 'w', raw: '' }, text: 'a' },
    { line: 2, refused: { code: 'c', reason: 'r', where: 'w', raw: '' }, text: 'b' },
  ],
}

describe('a server', () => {
  it('gives the actor type of its cycle', async () => {
    expect((await target(breakOff)).target.actorType).toBe('account')
  })

  it('gets the same request again after a lost connection or an overload, with a message', async () => {
    const { target: server, messages, asked } = await target(breakOff, problem(503, 'RONDO_OVERLOADED'), respond(200, { rows: 9, rejected: [] }))
    expect(await server.put('x', part)).toEqual([])
    expect(asked).toEqual(Array(3).fill('POST /v1/backfills/x/rows?first=7 a\nb'))
    expect(messages).toEqual([expect.stringMatching(/connection broke off.*Trying again/), expect.stringContaining('answers again')])
  })

  it('is not asked again after the largest number of attempts', async () => {
    const { target: server, asked } = await target(breakOff)
    await expect(server.end('x')).rejects.toMatchObject({
      ...{ code: 'RONDO_SERVER_UNREACHABLE', retriable: true },
      message: expect.stringMatching(/^The server at http.* does not answer any more: the connection broke off\. If it has ended, start it again\.$/),
    })
    expect(asked).toHaveLength(ATTEMPTS_MAX)
  })

  it.each([
    ['before it has answered', (request: IncomingMessage) => request.socket.destroy()],
    [
      'in the middle of its answer',
      (_: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"rows":', () => response.destroy())
      },
    ],
  ])('that ends %s is reported in plain words, without the message of the HTTP client', async (_, answer) => {
    const { target: server, messages } = await target(answer)
    await expect(server.put('x', part)).rejects.toMatchObject({ message: expect.stringContaining('does not answer any more: the connection broke off.') })
    expect(messages.join('')).not.toMatch(/terminated|fetch failed|socket/)
  })

  it('that does not speak HTTP is reported', async () => {
    const server = createTcpServer((socket) => socket.end('hello\r\n'))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const stop = new AbortController().signal
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(serverTarget(new Server(url, stop), { stop, print: () => undefined })).rejects.toMatchObject({
      message: expect.stringMatching(/^No server answers at .*: the server there does not speak HTTP\./),
    })
  })

  it('that refuses a request does not get it again', async () => {
    const { target: server, asked } = await target(problem(409, 'RONDO_IMPORT_TOO_OLD'))
    await expect(server.begin({ source: 's', firstTime: 0, shiftMs: 0 })).rejects.toMatchObject({ code: 'RONDO_IMPORT_TOO_OLD' })
    expect(asked).toEqual(['POST /v1/backfills {"source":"s","firstTime":"1970-01-01T00:00:00.000Z","shiftMs":0}'])
  })

  it('reports the rows of a part that it refused', async () => {
    // Row 8 of the import is the item at index 1 of a part that begins with number 7.
    const { target: server } = await target(respond(200, { rows: 9, rejected: [{ row: 8, code: 'RONDO_ROW_INVALID', message: 'why' }] }))
    expect(await server.put('x', part)).toEqual([{ at: 1, code: 'RONDO_ROW_INVALID', reason: 'why' }])
  })

  it.each([
    ['the log time of its fold', respond(200, { logTime: '2016-03-02T00:00:00.000Z', logEndTime: '2026-01-01T00:00:00.000Z' }), Date.UTC(2016, 2, 2)],
    ['null before its fold has begun', respond(200, { logTime: null }), null],
    ['no log time if its health does not contain one', respond(200, { status: 'ok' }), undefined],
    ['no log time if the request for its health fails', problem(500, 'RONDO_INTERNAL'), undefined],
    ['no log time if the connection breaks off', breakOff, undefined],
  ])('reports %s', async (_, answer, foldedAt) => {
    const { target: server, asked } = await target(answer)
    expect(await server.foldedAt()).toBe(foldedAt)
    expect(asked).toEqual(['GET /v1/health '])
  })

  it('that is not a Rondo is reported', async () => {
    const { target: server } = await target((_, response) => response.end('<html>'))
    await expect(server.end('x')).rejects.toMatchObject({
      code: 'RONDO_SERVER_UNREACHABLE',
      message: expect.stringContaining('is not a Rondo'),
      retriable: false,
    })
  })
})
