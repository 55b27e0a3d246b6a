import type { IncomingMessage, ServerResponse } from 'node:http'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { isLoopback } from '#access'
import { defaultHttpLimits, type HttpLimits } from '#process'
import { KnownPaths } from './http/known-paths.ts'
import { RefusedConnections, refusalAnswer } from './http/refused-connections.ts'
import { refuseForeignHost, refuseUnclear } from './http/request-framing.ts'
import { REQUEST_ID, requestIdOf } from './http/request-id.ts'
import { securityHeaders } from './http/security-headers.ts'
import { readsUpload } from './http/upload.ts'
import { unpack } from './unpack.ts'

/** Clients send batches of up to about 500 KB. */
export const BODY_BYTES_MAX = 1024 * 1024
/** Rows of an import come in larger requests. */
export const ROWS_BYTES_MAX = 8 * BODY_BYTES_MAX
/** An id of 256 bytes, each percent-encoded. */
const PARAM_LENGTH_MAX = 768
/** A client that does not read its answer holds the connection for this time at most. No request that waits takes so long. */
const UNREAD_MS_MAX = 600_000
/** How often the time-outs of all connections are checked, at least. */
const CHECK_MS_MAX = 1_000

/** The limit of a body by its content type. */
const bodyLimits: ReadonlyMap<string, number> = new Map([
  ['*', BODY_BYTES_MAX],
  ['application/x-ndjson', ROWS_BYTES_MAX],
])

/** The headers of a request that are read or replaced here. */
interface Headers {
  readonly 'content-encoding'?: string | undefined
  readonly 'content-length'?: string | undefined
  'content-type'?: string | undefined
  readonly expect?: string | undefined
}

/** Whether a client waits for leave to send its body, and the body is not too large. By then the address, the host and the page have been checked. */
function mayContinue({ expect, 'content-length': length = '0', 'content-type': type = '*' }: Headers): boolean {
  return expect?.toLowerCase() === '100-continue' && Number(length) <= (bodyLimits.get(type) ?? BODY_BYTES_MAX)
}

/** The parts of Fastify's request and reply that are used here. */
interface Request {
  readonly id: string
  readonly method: string
  readonly raw: IncomingMessage
  readonly headers: Headers
  readonly routeOptions: { readonly config: object }
}
/** The parts of Fastify's reply that are used here. */
interface Reply {
  readonly raw: Pick<ServerResponse, 'writeContinue'>
  headers(values: object): unknown
}

/** An error of Fastify's router. */
interface RoutingError {
  readonly code: string
  readonly message: string
}

/** A path that cannot be decoded matches no handler, so no filter would see its failure. */
function refusePath({ code, message }: RoutingError, { id }: Pick<Request, 'id'>, { raw }: { readonly raw: Pick<ServerResponse, 'writeHead'> }): void {
  const isLong = code === 'FST_ERR_MAX_PARAM_LENGTH'
  const refusal = isLong
    ? ({ status: 414, code: 'RONDO_PATH_TOO_LONG', message: `A part of the path is longer than ${PARAM_LENGTH_MAX} characters.` } as const)
    : ({ status: 400, code: 'RONDO_ARGUMENT_INVALID', message: `The path cannot be read: ${message.slice(0, 300)}.` } as const)
  const { headers, body } = refusalAnswer(refusal, id)
  raw.writeHead(refusal.status, headers).end(body)
}

const fastifyOf = (adapter: FastifyAdapter) => adapter.getInstance()
/** Fastify below Nest. */
export type Fastify = ReturnType<typeof fastifyOf>

/** The HTTP server of an app. */
export interface HttpServer {
  readonly adapter: FastifyAdapter
  readonly server: Fastify
  readonly paths: KnownPaths
}

/**
 * Handlers get bodies as bytes, decompressed, whatever their content type: clients send JSON as text, as a form and as JSON.
 * Paths are the same with and without a slash at the end, and never redirected.
 * @param host the address to listen on: on 127.0.0.1 only requests for localhost are answered
 */
export function httpServer(host: string, limits: HttpLimits = defaultHttpLimits): HttpServer {
  const connections = new RefusedConnections()
  const identified = { genReqId: requestIdOf, requestIdHeader: false as const }
  const adapter = new FastifyAdapter({ ...timeOuts(limits), ...routing, ...identified, frameworkErrors: refusePath, clientErrorHandler: connections.refuse })
  const server = fastifyOf(adapter)
  server.server.maxConnections = limits.connectionsMax
  // Node would drop the headers after the 2,000th without a word; refuseUnclear limits their number.
  server.server.maxHeadersCount = 0
  // A client may end its side after its request (`nc -N`): what it sent is handled, so it gets the answer. Time-outs end the connection.
  Object.assign(server.server, { httpAllowHalfOpen: true })
  connections.watch(server.server)
  const paths = new KnownPaths()
  server.addHook('onRoute', (route) => paths.add(route))
  server.addHook('onRequest', async ({ id, raw }: Request, reply: Reply) => {
    reply.headers({ ...securityHeaders, [REQUEST_ID]: id })
    refuseUnclear(raw)
    if (isLoopback(host)) refuseForeignHost(raw)
  })
  server.addHook('onRequest', async ({ method, headers }: Request) => {
    const type = headers['content-type']
    if (type === undefined ? method === 'QUERY' : !MEDIA_TYPE.test(type)) headers['content-type'] = UNKNOWN_TYPE
  })
  server.addHook('preParsing', async ({ headers, routeOptions }: Request, { raw }: Reply) => {
    if (readsUpload(routeOptions.config)) headers['content-type'] = UPLOAD_TYPE
    else if (mayContinue(headers)) raw.writeContinue()
  })
  server.removeAllContentTypeParsers()
  for (const [type, bodyLimit] of bodyLimits) {
    server.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit }, (request: Request, body: Buffer) =>
      unpack(body, request.headers['content-encoding'], bodyLimit),
    )
  }
  server.addContentTypeParser(UPLOAD_TYPE, async (request: Request) => request.raw)
  return { adapter, server, paths }
}

const routing = { routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAM_LENGTH_MAX }, return503OnClosing: false }

function timeOuts({ headersTimeout, requestTimeout, keepAliveTimeout }: HttpLimits) {
  const connectionsCheckingInterval = Math.min(CHECK_MS_MAX, headersTimeout)
  // Node answers a request without Host with an empty body; refuseUnclear gives it a problem document.
  const http = { requestTimeout, headersTimeout: Math.min(headersTimeout, requestTimeout), connectionsCheckingInterval, requireHostHeader: false }
  return { requestTimeout, keepAliveTimeout, connectionTimeout: UNREAD_MS_MAX, http }
}

/** Fastify refuses a request whose type has another beginning, and QUERY without one, before it looks for the route. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+\s*(;|$)/
/** Stands for the type of a body that is not read before the handler; no client sends this type. */
const UPLOAD_TYPE = 'application/x-rondo-upload'
const UNKNOWN_TYPE = 'application/octet-stream'
