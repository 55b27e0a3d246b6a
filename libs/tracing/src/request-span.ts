import { type Context, context, type Span, SpanStatusCode } from '@opentelemetry/api'

/** From this status on a request has failed because of the server. */
const SERVER_ERROR = 500

/** A request to the HTTP server, from its headers to its end. */
export class RequestSpan {
  /** Undefined if an SDK of the operator makes the span. */
  readonly #span: Span | undefined
  readonly #context: Context

  constructor(span: Span | undefined, within: Context) {
    this.#span = span
    this.#context = within
  }

  /** Runs work whose spans become children of this one. */
  within(work: () => void): void {
    context.with(this.#context, work)
  }

  /** @param route the declared path: the path itself can have the id of an actor. Undefined if no route matches */
  end({ method, route, status }: { readonly method: string; readonly route: string | undefined; readonly status: number }): void {
    const span = this.#span
    if (span === undefined) return
    if (route !== undefined) span.updateName(`${method} ${route}`).setAttribute('http.route', route)
    span.setAttribute('http.response.status_code', status)
    if (status >= SERVER_ERROR) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', String(status))
    span.end()
  }
}
