import { environmentVariable } from '#runtime'
import type { Tracing } from './tracing.ts'

/** The setting that ends tracing whatever the variables of OpenTelemetry say. */
export const TRACING_OFF = 'off'
/** How long the end of a process waits for spans to be sent. */
const END_MS_MAX = 3_000
/** Where the API keeps what an SDK has registered: the same for all copies of the API in a process. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

/** How tracing is configured, and by whom. */
export interface TracingOptions {
  /** The setting RONDO_TRACING: {@link TRACING_OFF}, the address of a collector, or empty. */
  readonly tracing: string
  /** The app, for the name of the service. */
  readonly app: string
  readonly version: string
  readonly onAlarm: (text: string) => void
}

/**
 * Starts tracing if it is configured: by the setting, by the variables of OpenTelemetry, or by an SDK that the operator has loaded (`node --import`). Otherwise nothing is loaded.
 * @throws RondoError RONDO_ARGUMENT_INVALID
 */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const { tracing, app, version, onAlarm } = options
  if (tracing === TRACING_OFF || environmentVariable('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined
  if (hasOwnSdk()) return new (await import('./tracing.ts')).Tracing(version, () => withinLimit(flushOwnSdk))
  if (tracing === '' && !isExporterConfigured()) return undefined
  const { openSdk } = await import('./open-sdk.ts')
  const shutdown = openSdk({ endpoint: tracing === '' ? undefined : tracing, service: app === 'standalone' ? 'rondo' : `rondo-${app}`, version, onAlarm })
  return new (await import('./tracing.ts')).Tracing(version, () => withinLimit(shutdown))
}

function isExporterConfigured(): boolean {
  if (environmentVariable('OTEL_TRACES_EXPORTER') === 'none') return false
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some((name) => (environmentVariable(name) ?? '') !== '')
}

function hasOwnSdk(): boolean {
  const registered = (globalThis as Record<symbol, unknown>)[REGISTERED]
  return typeof registered === 'object' && registered !== null && 'trace' in registered && registered.trace !== undefined
}

/** The SDK ends by its own means; what it has recorded so far is sent before the process ends. */
async function flushOwnSdk(): Promise<void> {
  const { ProxyTracerProvider, trace } = await import('@opentelemetry/api')
  const provider = trace.getTracerProvider()
  const delegate: unknown = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider
  if (typeof delegate === 'object' && delegate !== null && 'forceFlush' in delegate && typeof delegate.forceFlush === 'function') await delegate.forceFlush()
}

async function withinLimit(work: () => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const limit = setTimeout(resolve, END_MS_MAX)
  // A collector that cannot be reached has been reported, and does not delay the end.
  await Promise.race([work().catch(() => {}), promise])
  clearTimeout(limit)
}
