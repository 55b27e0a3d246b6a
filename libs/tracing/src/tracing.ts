import { type Attributes, context, propagation, ROOT_CONTEXT, SpanKind, type Tracer, trace } from '@opentelemetry/api'
import { systemClock } from '#runtime'
import { AcceptSpan } from './accept-span.ts'
import { FoldSpans } from './fold-spans.ts'
import { RequestSpan } from './request-span.ts'
import { failSpan } from './span-failure.ts'
import { parentAndLinks, spanContextsOf } from './traceparent.ts'

/** The name of the instrumentation in spans. */
const SCOPE = 'rondo'

/** Makes the spans of a process. There is one only where tracing is on. */
export class Tracing {
  readonly #tracer: Tracer
  readonly #end: () => Promise<void>

  /** @param end sends what is left */
  constructor(version: string, end: () => Promise<void>) {
    this.#tracer = trace.getTracer(SCOPE, version)
    this.#end = end
  }

  /** A request to the HTTP server, inside the trace that its headers name. */
  request(headers: Readonly<Record<string, unknown>>, method: string): RequestSpan {
    const active = context.active()
    // An SDK of the operator may have made a span for the request already.
    if (trace.getSpan(active) !== undefined) return new RequestSpan(undefined, active)
    const parent = propagation.extract(ROOT_CONTEXT, headers)
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER, attributes: { 'http.request.method': method, 'url.scheme': 'http' } }, parent)
    return new RequestSpan(span, trace.setSpan(parent, span))
  }

  /** A request for events; undefined if it is not recorded. */
  accept(): AcceptSpan | undefined {
    const span = this.#tracer.startSpan('accept', { kind: SpanKind.PRODUCER })
    return span.isRecording() ? new AcceptSpan(this.#tracer, span) : undefined
  }

  /** The spans of one partition. */
  foldSpans(attributes: Attributes): FoldSpans {
    return new FoldSpans({ tracer: this.#tracer, clock: systemClock, attributes })
  }

  /** Works on records of the feed that the processors have published. */
  async follow<Result>(records: readonly { readonly trace?: string }[], work: () => Promise<Result>): Promise<Result> {
    const published = spanContextsOf([...new Set(records.flatMap(({ trace: text }) => text ?? []))])
    if (published.length === 0) return await work()
    const { parent, links } = parentAndLinks(published)
    const span = this.#tracer.startSpan('follow', { kind: SpanKind.CONSUMER, links, attributes: { 'rondo.outputs': records.length } }, parent)
    try {
      return await context.with(trace.setSpan(parent, span), work)
    } catch (error) {
      failSpan(span, error)
      throw error
    } finally {
      span.end()
    }
  }

  /** Sends the spans that were not sent yet. Resolves also if that is not possible. */
  async close(): Promise<void> {
    await this.#end()
  }
}
