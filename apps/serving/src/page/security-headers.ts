/** The page runs and loads nothing but its own files, and other pages may not put it into a frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  // Answers contain data of customers. Files of the page have another header.
  'cache-control': 'no-store',
}

/** The part of a Fastify server that is used here. */
export interface HookedServer {
  addHook(name: 'onRequest', hook: (request: { method: string }, reply: { headers(values: object): unknown }, done: () => void) => void): unknown
}

/** Every answer to a reader has them, errors too. Answers to POST do not: clients of other origins read those. */
export function secureReaders(server: HookedServer): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'GET' || request.method === 'HEAD') reply.headers(securityHeaders)
    done()
  })
}
