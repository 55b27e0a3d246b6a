import { foreignOrigin, type Gate, isOwnOrigin } from '#access'

interface Request {
  readonly ip: string
  readonly method: string
  readonly headers: { readonly origin?: string | undefined; readonly host?: string | undefined; readonly 'access-control-request-method'?: string | undefined }
}
interface Reply {
  status(code: number): Reply
  headers(values: Readonly<Record<string, string>>): Reply
  send(): unknown
}

/** The part of a Fastify server that is used here. */
export interface HookedServer {
  addHook(name: 'onRequest', hook: (request: Request, reply: Reply) => Promise<unknown>): unknown
}

const preflightHeaders = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, content-encoding, x-write-key',
  'access-control-max-age': '3600',
}

/**
 * Checks a request before its body is read: the rate of its address, and the web page that it comes from. A browser asks without the key
 * whether a page may send (OPTIONS); it may if any valid key names the page. The guard checks later whether the key of the request names it.
 */
export function refuseForeignPages(server: HookedServer, gate: Gate): void {
  server.addHook('onRequest', async (request, reply) => {
    const { method, headers, ip } = request
    gate.take(ip)
    const { origin, host } = headers
    if (origin === undefined || isOwnOrigin({ origin, host })) return undefined
    const isKnown = gate.isOriginKnown(origin)
    const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
    if (isPreflight && !isKnown) throw foreignOrigin(origin)
    reply.headers({ vary: 'Origin', ...(isKnown ? { 'access-control-allow-origin': origin, 'cross-origin-resource-policy': 'cross-origin' } : {}) })
    return isPreflight ? reply.status(204).headers(preflightHeaders).send() : undefined
  })
}
