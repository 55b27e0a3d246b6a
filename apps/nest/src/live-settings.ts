import type { Server } from 'node:http'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Gate } from '#access'
import type { HttpLimits } from '#process'
import { addressLimitOf } from './access/open-access.ts'

/** What a change of the limits of an HTTP server does while it runs. */
export function liveHttpLimits(app: NestFastifyApplication, configured: HttpLimits) {
  const server = app.getHttpServer() as Server
  let { headersTimeout, requestTimeout } = configured
  const limitTimes = (): void => {
    server.requestTimeout = requestTimeout
    server.headersTimeout = Math.min(headersTimeout, requestTimeout)
  }
  return {
    headersTimeout(ms: number) {
      headersTimeout = ms
      limitTimes()
    },
    requestTimeout(ms: number) {
      requestTimeout = ms
      limitTimes()
    },
    keepAliveTimeout(ms: number) {
      server.keepAliveTimeout = ms
    },
    connectionsMax(count: number) {
      server.maxConnections = count
    },
  }
}

/** What a change of the limits of clients does while an app runs. */
export function liveRates(gate: Gate) {
  return { requestsPerSecond: (perSecond: number) => gate.limitAddresses(addressLimitOf(perSecond)) }
}
