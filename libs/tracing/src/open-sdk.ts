import { context, DiagLogLevel, diag, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { environmentVariable } from '#runtime'
import { collectorAlarm } from './collector-alarm.ts'
import { samplerOf } from './sampler.ts'

/** Where spans are sent, and from what. */
export interface SdkOptions {
  /** The address of OTLP over HTTP; undefined where the variables of OpenTelemetry name it. */
  readonly endpoint: string | undefined
  /** The name of the service, unless OTEL_SERVICE_NAME is set. */
  readonly service: string
  readonly version: string
  readonly onAlarm: (text: string) => void
}

const number = (name: string): number | undefined => {
  const value = Number(environmentVariable(name) || Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

/** How many spans wait for the collector, and how long: the variables of OpenTelemetry. Above the limit spans are dropped; nothing waits for a collector. */
function batching() {
  const limits = {
    scheduledDelayMillis: number('OTEL_BSP_SCHEDULE_DELAY'),
    maxQueueSize: number('OTEL_BSP_MAX_QUEUE_SIZE'),
    maxExportBatchSize: number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
    exportTimeoutMillis: number('OTEL_BSP_EXPORT_TIMEOUT'),
  }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}

/**
 * Starts the SDK of OpenTelemetry with a sender of OTLP over HTTP.
 * @returns what ends it
 * @throws RondoError RONDO_ARGUMENT_INVALID if the sampler is not known
 */
export function openSdk({ endpoint, service, version, onAlarm }: SdkOptions): () => Promise<void> {
  const sampler = samplerOf(environmentVariable('OTEL_TRACES_SAMPLER'), environmentVariable('OTEL_TRACES_SAMPLER_ARG'))
  const collector = collectorOf(endpoint)
  const report = (message: string): void => onAlarm(collectorAlarm(collector, message))
  const silent = (): void => {}
  diag.setLogger({ error: report, warn: report, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN)
  const exporter = new OTLPTraceExporter(endpoint === undefined ? {} : { url: tracesUrl(endpoint) })
  const provider = new TracerProvider({
    sampler,
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }).merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...batching() })],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }))
  trace.setGlobalTracerProvider(provider)
  return () => provider.shutdown()
}

/** The address that is used, for messages. */
function collectorOf(endpoint: string | undefined): string {
  return endpoint ?? environmentVariable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? environmentVariable('OTEL_EXPORTER_OTLP_ENDPOINT') ?? ''
}

/** The path of traces, as OTEL_EXPORTER_OTLP_ENDPOINT is read. */
function tracesUrl(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, '')}/v1/traces`
}
