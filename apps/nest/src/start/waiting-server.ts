import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { listenFailure } from '../http/listen-failure.ts'
import { REQUEST_ID, requestIdOf } from '../http/request-id.ts'
import type { Listening } from '../http-app.ts'
import { problemOf } from '../problem.filter.ts'

/** When a client should try again. */
const RETRY_AFTER_S = 5
const REFUSAL = {
  status: 503,
  code: 'RONDO_LOG_UNAVAILABLE',
  message: 'The server is starting, and cannot reach the log yet. Send the request again.',
} as const

/** Answers for an app that cannot start yet: it lives, it is not ready, and every other request is refused with 503, so that its client sends it again. */
export class WaitingServer {
  /** Why the app is not ready. */
  reason = 'The process is starting: the log has not answered yet.'
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  /** @throws RondoError RONDO_PORT_IN_USE, RONDO_ARGUMENT_INVALID */
  static async listen({ host, port }: Listening): Promise<WaitingServer> {
    const waiting = new WaitingServer()
    waiting.#server.listen(port, host)
    await once(waiting.#server, 'listening').catch((cause: NodeJS.ErrnoException) => {
      throw listenFailure(cause, { host, port, flags: { host: '--host', port: '--port' } })
    })
    return waiting
  }

  /** Resolves when the port is free. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const requestId = requestIdOf(request)
    const [path] = (request.url ?? '').split('?')
    // The app itself listens on this port next, so no connection is kept.
    response.setHeader('connection', 'close').setHeader(REQUEST_ID, requestId)
    if (path === '/v1/health/live') send(response, 200, { status: 'ok' })
    else if (path === '/v1/health/ready') send(response, 503, { status: 'unready', reason: this.reason })
    else send(response, 503, problemOf({ ...REFUSAL, requestId }))
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const type = 'code' in body ? 'application/problem+json' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...(status === 503 && { 'retry-after': String(RETRY_AFTER_S) }) }).end(JSON.stringify(body))
}
