import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { findPackageJSON } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type DynamicModule, Module } from '@nestjs/common'
import { NestFactory, Reflector } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { RondoError } from '#contracts'
import { defaultHttpLimits, type HttpLimits, type Logger, throttled } from '#process'
import { NoQuery } from './http/no-query.ts'
import { httpServer } from './http-adapter.ts'
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

const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url) as string, 'utf8')) as { version: string }

/** An app with the routes of every app beside its own. */
@Module({})
class HttpApp {}

/** A Nest app that does not listen yet, with the description of its routes. An error in a handler that its caller did not cause is logged as a warning, throttled. */
export async function newApp(
  module: DynamicModule,
  { host, ...limits }: Pick<Listening, 'host'> & Partial<HttpLimits>,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const { adapter, paths } = httpServer(host, { ...defaultHttpLimits, ...limits })
  const app = await NestFactory.create<NestFastifyApplication>({ module: HttpApp, imports: [module, openApiModule(version)] }, adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  })
  app.useGlobalInterceptors(new NoQuery(app.get(Reflector)))
  const alarm = throttled((text) => logger.warn(text))
  app.useGlobalFilters(new ProblemFilter(paths, (error) => alarm(error instanceof RondoError ? error.message : String((error as Error)?.stack ?? error))))
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
    throw listenFailure(cause as NodeJS.ErrnoException, { host, port })
  }
  return `http://${host.includes(':') ? `[${host}]` : host}:${((app.getHttpServer() as Server).address() as AddressInfo).port}`
}

/** Ends the HTTP server: a request that never ends does not delay the others. */
export async function closeApp(app: NestFastifyApplication): Promise<void> {
  const limit = setTimeout(() => (app.getHttpServer() as Server).closeAllConnections(), REQUESTS_MS_MAX)
  await app.close()
  clearTimeout(limit)
}

function listenFailure(cause: NodeJS.ErrnoException, { host, port }: Listening): unknown {
  if (cause.code === 'EADDRINUSE') {
    return new RondoError('RONDO_PORT_IN_USE', `Another program listens on ${host}:${port}. Stop it, or choose another port with --port.`, { cause })
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
    return new RondoError('RONDO_ARGUMENT_INVALID', `This machine has no address ${host}. Choose one of its own with --host, or 0.0.0.0 for all.`, { cause })
  }
  if (cause.code !== 'EACCES') return cause
  return new RondoError('RONDO_ARGUMENT_INVALID', `This user may not listen on port ${port}. Choose one above 1023 with --port.`, { cause })
}
