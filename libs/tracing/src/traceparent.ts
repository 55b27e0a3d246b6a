import { type Context, isSpanContextValid, type Link, ROOT_CONTEXT, type Span, type SpanContext, TraceFlags, trace } from '@opentelemetry/api'

/** The header of W3C Trace Context, in the version that Rondo writes into its log. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** A span as it is written into the log; undefined if its trace is not sampled. */
export function sampledTraceparent(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return (traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : `00-${traceId}-${spanId}-01`
}

/** The spans that these texts name, without those that cannot be read: another program may have written them. */
export function spanContextsOf(traces: readonly string[]): SpanContext[] {
  return traces.flatMap((text) => {
    const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(text) ?? []
    const spanContext: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
    return isSpanContextValid(spanContext) ? [spanContext] : []
  })
}

/** The first of several spans as the parent of a new one, and the others as its links. A span has one parent. */
export function parentAndLinks([first, ...others]: readonly SpanContext[]): { readonly parent: Context; readonly links: Link[] } {
  const parent = first === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, first)
  return { parent, links: others.map((context) => ({ context })) }
}

/** A context with this span as the parent of new ones. */
export const contextOf = (span: Span): Context => trace.setSpan(ROOT_CONTEXT, span)
