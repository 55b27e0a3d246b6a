import type { Span, Tracer } from '@opentelemetry/api'
import { failSpan } from './span-failure.ts'
import { contextOf, sampledTraceparent } from './traceparent.ts'

/** A request for events, from its admission until it is durable or refused. */
export class AcceptSpan {
  readonly #tracer: Tracer
  readonly #span: Span
  #durable: Span | undefined

  constructor(tracer: Tracer, span: Span) {
    this.#tracer = tracer
    this.#span = span
  }

  /**
   * Its events wait for the log from now on.
   * @returns what is written into the log with them; undefined if the trace is not sampled
   */
  write({ events, quarantine }: { readonly events: readonly unknown[]; readonly quarantine: readonly unknown[] }): string | undefined {
    this.#span.setAttributes({ 'rondo.events': events.length, 'rondo.refused': quarantine.length })
    this.#durable = this.#tracer.startSpan('durable', {}, contextOf(this.#span))
    return sampledTraceparent(this.#span)
  }

  /** @param error why the request was refused, or failed */
  end(error?: unknown): void {
    for (const span of [this.#durable, this.#span]) {
      if (span === undefined) continue
      if (error !== undefined) failSpan(span, error)
      span.end()
    }
  }
}
