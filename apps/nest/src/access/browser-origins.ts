import { foreignOrigin, type Gate, isOwnOrigin } from '#access'

/** The parts of Fastify's request that are read here. */
interface Request {
  readonly ip: string
  readonly method: string
  readonly headers: {
    readonly origin?: string | undefined
    readonly host?: string | undefined
    readonly 'access-control-request-method'?: string | undefined
    readonly 'access-control-request-headers'?: string | undefined
  }
}
/** The parts of Fastify's reply that are used here. */
interface Reply {
  status(code: number): Reply
  headers(values: Readonly<Record<string, string>>): Reply
  send(): unknown
}

/** The part of a Fastify server that is used here. */
export interface HookedServer {
  addHook(name: 'onRequest', hook: (request: Request, reply: Reply) => Promise<unknown>): unknown
}

/** Browsers show a page of another site only the exposed headers of an answer. SDKs read in `Retry-After` when to send again; the id of a request is for reports. */
const knownPageHeaders = { 'access-control-expose-headers': 'retry-after, x-request-id', 'cross-origin-resource-policy': 'cross-origin' }

/** Any header may be sent: each SDK has its own, such as `x-retry-count` at each repetition, and what a request may do depends on its key alone. */
const preflightHeaders = (requested = ''): Record<string, string> => ({
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': requested,
  'access-control-max-age': '3600',
})

/**
 * Checks a request before its body is read: the rate of its address, and the web page that it comes from. A browser asks without the key
 * whether a page may send (OPTIONS); it may if any valid key names the page. The guard checks later whether the key of the request names it.
 */
export function refuseForeignPages(server: HookedServer, gate: Gate): void {
  server.addHook('onRequest', async (request, reply) => {
    const { method, headers, ip } = request
    const { origin, host } = headers
    const isForeign = origin !== undefined && !isOwnOrigin({ origin, host })
    const isKnown = isForeign && gate.isOriginKnown(origin)
    if (isForeign) reply.headers({ vary: 'Origin', ...(isKnown ? { 'access-control-allow-origin': origin, ...knownPageHeaders } : {}) })
    // After the headers: a page can read when to send again, also if its address sends too much.
    await gate.countRequest(ip)
    if (!isForeign || method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined
    if (!isKnown) throw foreignOrigin(origin)
    return reply.status(204).headers(preflightHeaders(headers['access-control-request-headers'])).send()
  })
}
