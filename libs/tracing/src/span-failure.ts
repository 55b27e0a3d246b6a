import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { RondoError } from '#contracts'

/** Marks a span as failed. It gets the code and not the message, which can name what a client has sent. */
export function failSpan(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof RondoError ? error.code : 'RONDO_INTERNAL')
  span.setStatus({ code: SpanStatusCode.ERROR })
}
