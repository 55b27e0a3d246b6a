import type { Server } from 'node:http'
import { type DynamicModule, Module } from '@nestjs/common'
import { NestFactory, Reflector } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Registry } from 'prom-client'
import { RondoError } from '#contracts'
import { defaultHttpLimits, type HttpLimits, type Logger, type MetricsSettings, throttled, version } from '#process'
import type { Tracing } from '#tracing'
import { logRequests } from './http/access-log.ts'
import { HttpMetrics } from './http/http-metrics.ts'
import { listenFailure } from './http/listen-failure.ts'
import { NoQuery } from './http/no-query.ts'
import { addressOf } from './http/server-address.ts'
import { traceRequests } from './http/trace-requests.ts'
import { httpServer } from './http-adapter.ts'
import { metricsModule } from './metrics.module.ts'
import { openApiModule } from './openapi/openapi.module.ts'
import { ProblemFilter } from './problem.filter.ts'

/** How long running requests may take after the app has begun to close. */
const REQUESTS_MS_MAX = 3_000

/** The address on which an app listens. */
export interface Listening {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/** An app with the routes of every app beside its own. */
@Module({})
class HttpApp {}

/** The settings of an HTTP server. */
type HttpSettings = Pick<Listening, 'host'> & Partial<HttpLimits & Pick<MetricsSettings, 'metricsPort'>>

/** What observes the requests of an app. */
interface Observers {
  readonly metrics?: Registry
  readonly tracing?: Pick<Tracing, 'request'> | undefined
}

/**
 * A Nest app that does not listen yet, with the description of its routes. An error in a handler that its caller did not cause is logged as a warning, throttled.
 */
export async function newApp(
  module: DynamicModule,
  settings: HttpSettings,
  logger: Logger,
  { metrics, tracing }: Observers = {},
): Promise<NestFastifyApplication> {
  const { host, metricsPort, ...limits } = settings
  const { adapter, server, paths } = httpServer(host, { ...defaultHttpLimits, ...limits })
  if (metrics !== undefined) new HttpMetrics(metrics).watch(server)
  if (tracing !== undefined) traceRequests(server, tracing)
  logRequests(server, logger)
  const metricsRoute = metrics !== undefined && metricsPort === 'public' ? [metricsModule(metrics)] : []
  const app = await NestFactory.create<NestFastifyApplication>({ module: HttpApp, imports: [module, ...metricsRoute, openApiModule(version)] }, adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  })
  app.useGlobalInterceptors(new NoQuery(app.get(Reflector)))
  const alarm = throttled(logger.warn)
  const onDefect = (error: unknown, requestId: string): void =>
    error instanceof RondoError ? alarm(error.message, { code: error.code, requestId }) : alarm(String((error as Error)?.stack ?? error), { requestId })
  app.useGlobalFilters(new ProblemFilter(paths, onDefect))
  return app
}

/**
 * Begins to listen.
 * @returns its address
 * @throws RondoError RONDO_PORT_IN_USE; RONDO_ARGUMENT_INVALID if this user may not use the port
 */
export async function listen(app: NestFastifyApplication, { host, port }: Listening): Promise<string> {
  try {
    await app.listen(port, host)
  } catch (cause) {
    throw listenFailure(cause as NodeJS.ErrnoException, { host, port, flags: { host: '--host', port: '--port' } })
  }
  return addressOf(app.getHttpServer() as Server, host)
}

/** Ends the HTTP server: a request that never ends does not delay the others. */
export async function closeApp(app: NestFastifyApplication): Promise<void> {
  const limit = setTimeout(() => (app.getHttpServer() as Server).closeAllConnections(), REQUESTS_MS_MAX)
  await app.close()
  clearTimeout(limit)
}
