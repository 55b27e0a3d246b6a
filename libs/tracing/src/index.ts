export type { RequestSpan } from './request-span.ts'
export { startTracing, TRACING_OFF, type TracingOptions } from './start-tracing.ts'
export type { Tracing } from './tracing.ts'
