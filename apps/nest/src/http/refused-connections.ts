import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '#contracts'
import { randomId, systemClock } from '#runtime'
import { problemOf } from '../problem.filter.ts'
import { REQUEST_ID } from './request-id.ts'
import { securityHeaders } from './security-headers.ts'
import { isUpload } from './upload.ts'

/** How long the rest of a refused request is read and dropped. A connection that is closed before would lose its answer. */
const REST_MS_MAX = 1_000

/** What is answered to a request that cannot be read. */
interface Refusal {
  readonly status: number
  readonly code: ErrorCode
  readonly message: string
}

/** An error of Node's HTTP parser. */
interface ParserError extends Error {
  readonly code?: string
  /** What the parser knows about the defect. */
  readonly reason?: string
  /** The bytes that were parsed last. */
  readonly rawPacket?: unknown
}

const refusals: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'RONDO_REQUEST_TIMEOUT', message: 'The request came too slowly, and was not read to its end. Send it again.' },
  HPE_HEADER_OVERFLOW: { status: 431, code: 'RONDO_HEADERS_TOO_LARGE', message: 'The headers are larger than 16 KB.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'RONDO_BODY_TOO_LARGE', message: 'The chunk extensions of the body are larger than 16 KB.' },
}
const LONG_PATH = /^[A-Z]+ [^\s]{16000}/

/** The refusal of a request that the parser could not read. */
function refusalOf({ code = '', reason, rawPacket }: ParserError): Refusal {
  // The parser has one limit for the path and the headers together.
  if (code === 'HPE_HEADER_OVERFLOW' && Buffer.isBuffer(rawPacket) && LONG_PATH.test(rawPacket.toString('latin1'))) {
    return { status: 414, code: 'RONDO_PATH_TOO_LONG', message: 'The path with its query is longer than 16 KB.' }
  }
  return refusals[code] ?? { status: 400, code: 'RONDO_REQUEST_INVALID', message: `The request is not valid HTTP: ${reason ?? code}.` }
}

/** The head and the body of an answer that no handler gives. @param id of the request; a new one if its headers could not be read */
export function refusalAnswer({ status, code, message }: Refusal, id = randomId()): { readonly headers: Record<string, string>; readonly body: string } {
  const body = JSON.stringify(problemOf({ status, code, message, requestId: id }))
  const length = String(Buffer.byteLength(body))
  return { headers: { ...securityHeaders, [REQUEST_ID]: id, 'content-type': 'application/problem+json', 'content-length': length, connection: 'close' }, body }
}

/** A request with its response. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Answers what the HTTP server refuses by itself, before or instead of a handler: each with a problem document, then the connection ends. */
export class RefusedConnections {
  readonly #last = new WeakMap<Duplex, Exchange>()
  readonly #refused = new WeakSet<Duplex>()

  /** Notes the requests of each connection, and answers the ones that Node would answer with an empty body, or not at all. */
  watch(server: Server): void {
    server.on('request', (request, response) => void this.#last.set(request.socket, { request, response }))
    server.on('checkContinue', (request, response) => void server.emit('request', request, response))
    server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
      answer(response, { status: 417, code: 'RONDO_REQUEST_INVALID', message: 'The header Expect has another value than 100-continue.' })
    })
    server.on('connect', (_, socket) => end(socket, { status: 405, code: 'RONDO_METHOD_NOT_ALLOWED', message: 'This server is no proxy.' }))
  }

  /** Answers a request that the parser could not read. */
  readonly refuse = (error: ParserError, socket: Duplex): void => {
    const last = this.#last.get(socket)
    if (this.#refused.has(socket) || isSlowUpload(error, last)) return
    this.#refused.add(socket)
    const refusal = refusalOf(error)
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    else if (last === undefined || last.response.writableFinished) end(socket, refusal)
    // Answers come in the order of the requests, so the one before is completed first.
    else if (last.request.complete) last.response.once('finish', () => end(socket, refusal))
    else if (last.response.headersSent) socket.destroy()
    else answer(last.response, refusal)
  }
}

/** An upload may take any time; a connection without a byte is closed after UNREAD_MS_MAX. */
const isSlowUpload = ({ code }: ParserError, last: Exchange | undefined): boolean =>
  code === 'ERR_HTTP_REQUEST_TIMEOUT' && last !== undefined && isUpload(last.request)

function answer(response: ServerResponse, refusal: Refusal): void {
  const { headers, body } = refusalAnswer(refusal)
  response.writeHead(refusal.status, headers).end(body)
}

/** Answers on a connection without a response, and reads what the client still sends, for a short time. */
function end(socket: Duplex, refusal: Refusal): void {
  const { headers, body } = refusalAnswer(refusal)
  const lines = Object.entries({ ...headers, date: new Date(systemClock.now()).toUTCString() }).map(([name, value]) => `${name}: ${value}\r\n`)
  const limit = setTimeout(() => socket.destroy(), REST_MS_MAX)
  socket.once('close', () => clearTimeout(limit))
  socket.removeAllListeners('data').on('data', () => {})
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`)
}
