import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { RequestSpan, Tracing } from '#tracing'

/** Requests that come each few seconds from machines and tell nothing about anybody. */
const UNTRACED = /^\/(v1\/health\/|metrics([?/]|$))/

/** The parts of Fastify's request and reply that are used here. */
interface Request {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly routeOptions: { readonly url?: string | undefined }
}
/** The part of Fastify's reply that is used here. */
interface Reply {
  readonly raw: Pick<ServerResponse, 'once' | 'statusCode'>
}

/** The part of a Fastify server that is used here. */
interface HookedServer {
  addHook(name: 'onRequest' | 'preHandler', hook: (request: Request, reply: Reply, done: () => void) => void): unknown
}

/** Makes a span for each request: until the answer is sent, or its client has left. */
export function traceRequests(server: HookedServer, tracing: Pick<Tracing, 'request'>): void {
  const spans = new WeakMap<Request, RequestSpan>()
  server.addHook('onRequest', (request, { raw }, done) => {
    if (UNTRACED.test(request.url)) return done()
    const { method, headers } = request
    const span = tracing.request(headers, method)
    spans.set(request, span)
    raw.once('close', () => span.end({ method, route: request.routeOptions.url, status: raw.statusCode }))
    span.within(done)
  })
  // The body is read between the two hooks, and its end is an event of the connection, outside of the context of the first one.
  server.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request)
    if (span === undefined) done()
    else span.within(done)
  })
}
