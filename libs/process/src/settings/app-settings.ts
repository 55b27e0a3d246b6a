import { z } from 'zod'
import { TRACING_OFF } from '#tracing'
import { duration, integer } from './configuration.ts'
import { live } from './live-setting.ts'
import { settingsFileSetting } from './settings-file.ts'

/** How long clients may take, and how many there may be. */
const httpLimits = {
  headersTimeout: live(duration('10ms', '10m').prefault('10s').describe('how long a client may take to send the headers of a request; then 408')),
  requestTimeout: live(duration('10ms', '1h').prefault('30s').describe('how long a client may take to send a whole request; then 408')),
  keepAliveTimeout: live(
    duration('10ms', '1h').prefault('72s').describe('how long a connection may be idle between two requests; more than a proxy in front waits'),
  ),
  connectionsMax: live(integer(1, 1_000_000).prefault('10000').describe('how many connections may be open; further ones are closed at once')),
}

/** The values of {@link httpLimits}. */
export type HttpLimits = { readonly [Name in keyof typeof httpLimits]: z.output<(typeof httpLimits)[Name]> }
/** The limits of an app that sets none. */
export const defaultHttpLimits: HttpLimits = z.object(httpLimits).parse({})

const PORT_MAX = 65_535
/** The distance of the port of the metrics from that of the app, unless it is set. */
const METRICS_PORT_APART = 1_000

/** Where metrics are read. */
const metricsSettings = {
  metricsHost: z.string().prefault('127.0.0.1').describe('the address on which metrics are read, without a key; 0.0.0.0 for all'),
  metricsPort: z
    .union([z.enum(['', 'public']), integer(0, PORT_MAX)], { error: `expected a whole number from 0 to ${PORT_MAX}, or public` })
    .prefault('')
    .describe('the port of GET /metrics; unless set, 1000 above the port of the app; public: on the port of the app, with a read key'),
}

/** The values of the settings that say where metrics are read. */
export type MetricsSettings = { readonly [Name in keyof typeof metricsSettings]: z.output<(typeof metricsSettings)[Name]> }

/** The port of the metrics of an app that listens on `port`; undefined if they are on that port. */
export function metricsPortOf({ metricsPort, port }: Pick<MetricsSettings, 'metricsPort'> & { readonly port: number }): number | undefined {
  if (metricsPort === 'public') return undefined
  if (metricsPort !== '') return metricsPort
  // The system chooses both ports or none.
  if (port === 0) return 0
  return port + METRICS_PORT_APART > PORT_MAX ? port - METRICS_PORT_APART : port + METRICS_PORT_APART
}

const TRACING_EXPECTED = `expected http://host:port of a collector, or ${TRACING_OFF}`

/** Whether and where spans are sent. */
const tracingSetting = {
  tracing: z
    .union([z.literal(['', TRACING_OFF]), z.url({ protocol: /^https?$/, error: TRACING_EXPECTED })], { error: TRACING_EXPECTED })
    .prefault('')
    .describe(
      `where spans of OpenTelemetry are sent by OTLP over HTTP, such as http://127.0.0.1:4318, or ${TRACING_OFF}; unless set, the variables OTEL_… decide`,
    ),
}

/** The addresses on which an app listens, and what clients may take there. */
export const listeningSettings = (port: number) => ({
  host: z.string().prefault('127.0.0.1').describe('the address to listen on; 0.0.0.0 for all'),
  port: integer(0, PORT_MAX).prefault(String(port)).describe('the port to listen on; 0 for any that is free'),
  ...metricsSettings,
  ...httpLimits,
  ...tracingSetting,
  ...settingsFileSetting,
})

/** How long log time may stand still before the app reports it: where nothing is due, ticks come every 15 s. */
export const stallSetting = {
  stall: live(
    duration('20s', '1d')
      .prefault('60s')
      .describe('how long the log time of a partition may stand still before this process is not ready and says why; ticks are up to 15 s apart'),
  ),
}

/** For apps that clients send to. */
export const catchUpSetting = {
  catchUp: live(duration('0s', '1d').prefault('2m').describe('after an outage of ingest, how long time stands still at most, for what clients have buffered')),
}
