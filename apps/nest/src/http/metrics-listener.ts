import { Registry } from 'prom-client'
import { RondoError } from '#contracts'
import { type MetricsSettings, metricsPortOf } from '#process'
import { type Fastify, httpServer } from '../http-adapter.ts'
import { problemOf, statusOf } from '../problem.filter.ts'
import { listenFailure } from './listen-failure.ts'
import { addressOf } from './server-address.ts'

/** Where an app listens, and where its metrics are read. */
type Addresses = MetricsSettings & { readonly port: number }

/** `GET /metrics` on a port of its own, without keys, so that clients of the app do not reach it. */
export class MetricsListener {
  readonly #server: Fastify
  /** A sentence for the greeting of the app. */
  readonly sentence: string

  private constructor(server: Fastify, address: string) {
    this.#server = server
    this.sentence = ` Its metrics are on ${address}/metrics.`
  }

  /**
   * Begins to listen.
   * @returns undefined if the metrics are on the port of the app
   * @throws RondoError RONDO_PORT_IN_USE; RONDO_ARGUMENT_INVALID if this user may not use the port, or the machine does not have the address
   */
  static async open(registry: Registry, configuration: Addresses): Promise<MetricsListener | undefined> {
    const [host, port] = [configuration.metricsHost, metricsPortOf(configuration)]
    if (port === undefined) return undefined
    const { server } = httpServer(host)
    server.get('/metrics', async (_, reply) => reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await registry.metrics()))
    server.setNotFoundHandler(() => {
      throw new RondoError('RONDO_NOT_FOUND', 'Only /metrics is here.')
    })
    server.setErrorHandler((error, request, reply) => {
      const { code, message } = error instanceof RondoError ? error : new RondoError('RONDO_REQUEST_INVALID', 'The request is not valid.')
      const status = statusOf(code)
      return reply
        .status(status)
        .type('application/problem+json')
        .send(problemOf({ status, code, message, requestId: request.id }))
    })
    try {
      await server.listen({ host, port })
    } catch (cause) {
      throw listenFailure(cause as NodeJS.ErrnoException, { host, port, flags: { host: '--metrics-host', port: '--metrics-port' } })
    }
    return new MetricsListener(server, addressOf(server.server, host))
  }

  async close(): Promise<void> {
    this.#server.server.closeAllConnections()
    await this.#server.close()
  }
}
