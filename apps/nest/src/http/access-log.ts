import type { ErrorCode } from '#contracts'
import { type Logger, throttled } from '#process'
import type { Fastify } from '../http-adapter.ts'

/** The part of a request that is read here. */
interface Answered {
  readonly id: string
  readonly method: string
  readonly routeOptions: { readonly url?: string | undefined }
  /** The code of its problem document. */
  readonly problemCode?: ErrorCode
}

/**
 * Logs requests: all at the level debug, and those that failed here, and not by their client, as information, throttled. A line names the route and not the path: paths and
 * queries hold ids of actors, and some clients put their key there.
 */
export function logRequests(server: Fastify, logger: Pick<Logger, 'debug' | 'info'>): void {
  const failed = throttled(logger.info)
  server.addHook('onResponse', async ({ id, method, routeOptions: { url: route = 'other' }, problemCode }: Answered, { statusCode: status, elapsedTime }) => {
    const write = status < 500 ? logger.debug : failed
    write(`${method} ${route} was answered with ${status}.`, { requestId: id, method, route, status, ms: Math.round(elapsedTime), code: problemCode })
  })
}
