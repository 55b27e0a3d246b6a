import { STATUS_CODES } from 'node:http'
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, NotFoundException } from '@nestjs/common'
import { type ErrorCode, RondoError } from '#contracts'
import type { KnownPaths } from './http/known-paths.ts'
import { CODING_NAMES } from './unpack.ts'

/** The HTTP status of each code that a client causes, and of the states of Rondo in which it should send again. */
const statuses: Partial<Record<ErrorCode, number>> = {
  RONDO_BODY_INVALID: 400,
  RONDO_ARGUMENT_INVALID: 400,
  RONDO_EVENT_INVALID: 400,
  RONDO_EVENT_FROM_FUTURE: 400,
  RONDO_EVENT_UNPLANNED: 400,
  RONDO_EVENT_AGAINST_PLAN: 400,
  RONDO_PLAN_INVALID: 400,
  RONDO_PLAN_CONFLICT: 409,
  RONDO_EVENT_TOO_LARGE: 413,
  RONDO_BODY_TOO_LARGE: 413,
  RONDO_ENCODING_UNKNOWN: 415,
  RONDO_REQUEST_INVALID: 400,
  RONDO_REQUEST_TIMEOUT: 408,
  RONDO_HEADERS_TOO_LARGE: 431,
  RONDO_PATH_TOO_LONG: 414,
  RONDO_METHOD_NOT_ALLOWED: 405,
  RONDO_NOT_FOUND: 404,
  RONDO_HOST_FOREIGN: 421,
  RONDO_KEY_MISSING: 401,
  RONDO_KEY_INVALID: 401,
  RONDO_LINK_INVALID: 401,
  RONDO_KEY_SCOPE: 403,
  RONDO_KEY_ENDED: 409,
  RONDO_RELOAD_REFUSED: 409,
  RONDO_ORIGIN_FOREIGN: 403,
  RONDO_RATE_LIMITED: 429,
  RONDO_BACKFILL_BUSY: 409,
  RONDO_IMPORT_CONFLICT: 409,
  RONDO_IMPORT_TOO_OLD: 409,
  RONDO_LOG_NOT_EMPTY: 409,
  RONDO_OVERLOADED: 503,
  RONDO_HISTORY_UNAVAILABLE: 503,
  RONDO_DATA_FULL: 503,
  RONDO_LOG_UNAVAILABLE: 503,
  RONDO_LOGIN_REFUSED: 503,
  RONDO_RIGHT_MISSING: 503,
  RONDO_CERTIFICATE_REFUSED: 503,
  RONDO_SECRET_UNREADABLE: 503,
  RONDO_CLOCK_OFF: 503,
}
/** The status of a code. One without its own is temporary where a route declares it. */
export const statusOf = (code: ErrorCode): number => statuses[code] ?? 503

const codes: Readonly<Record<number, ErrorCode>> = { 404: 'RONDO_NOT_FOUND', 405: 'RONDO_METHOD_NOT_ALLOWED', 413: 'RONDO_BODY_TOO_LARGE' }
const TOO_LARGE = 'The body is too large: expected at most 1 MB, or 8 MB of rows of an import. Send smaller batches.'
/** When a client should try again if the failure does not say it. */
const RETRY_AFTER_S = 2
/** How much of a path an answer repeats. */
const SHOWN_LENGTH_MAX = 256

function retryAfterS(exception: unknown): number {
  const afterMs = exception instanceof RondoError ? exception.retryAfterMs : undefined
  return afterMs === undefined ? RETRY_AFTER_S : Math.max(1, Math.ceil(afterMs / 1000))
}

/** The parts of Fastify's request and reply that are used here. */
interface Request {
  readonly id: string
  /** For the log of requests. */
  problemCode?: ErrorCode
  readonly method: string
  readonly url: string
}
/** The parts of Fastify's reply that are used here. */
interface Reply {
  status(status: number): Reply
  header(name: string, value: string): Reply
  send(body: unknown): unknown
}

/** What is answered to a request that failed. */
interface Failure {
  readonly status: number
  readonly code: ErrorCode
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What a problem document says. */
interface Problem {
  readonly status: number
  readonly code: ErrorCode
  readonly message: string
  readonly path?: string | undefined
  /** Finds the request in the log. */
  readonly requestId: string
}

/**
 * A problem document with `code` and `message` beside the members of RFC 9457: SDKs send a request again if they are missing. `path` is the place of
 * the defect in the body, as it is in the answer to a batch.
 */
export function problemOf({ status, code, message, path, requestId }: Problem) {
  const at = path === undefined ? {} : { path }
  return { type: `urn:rondo:error:${code}`, title: STATUS_CODES[status] ?? 'Error', status, detail: message, code, message, requestId, ...at }
}

/** The headers by which a status says what to do. */
function adviceOf(status: number, exception: unknown): Readonly<Record<string, string>> {
  if (status === 503 || status === 429) return { 'retry-after': String(retryAfterS(exception)) }
  // With this header a browser asks its user for the key, as the user name.
  if (status === 401) return { 'www-authenticate': 'Basic realm="Rondo: a key as the user name", charset="UTF-8"' }
  if (status === 415) return { 'accept-encoding': CODING_NAMES }
  // Where the next request begins is not clear.
  return exception instanceof RondoError && exception.code === 'RONDO_REQUEST_INVALID' ? { connection: 'close' } : {}
}

/** Every failure as a problem document (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /**
   * @param paths the paths of the app
   * @param onDefect called with an error that no client has caused and that is not reported to the operator elsewhere
   */
  constructor(
    private readonly paths: Pick<KnownPaths, 'methodsOf'>,
    private readonly onDefect: (error: unknown, requestId: string) => void,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const request = http.getRequest<Request>()
    const { code, message, status, headers = adviceOf(status, exception) } = this.read(exception, request)
    request.problemCode = code
    const reply = http.getResponse<Reply>()
    for (const [name, value] of Object.entries(headers)) reply.header(name, value)
    reply
      .status(status)
      .header('content-type', 'application/problem+json')
      .send(problemOf({ status, code, message, path: exception instanceof RondoError ? exception.path : undefined, requestId: request.id }))
  }

  private read(exception: unknown, request: Request): Failure {
    if (exception instanceof RondoError) {
      const { code, message, retriable } = exception
      if (statuses[code] === undefined) this.onDefect(exception, request.id)
      return { code, message, status: statuses[code] ?? (retriable ? 503 : 500) }
    }
    if (exception instanceof NotFoundException) return this.unrouted(request)
    if (exception instanceof HttpException && exception.getStatus() < 500) {
      const status = exception.getStatus()
      return { code: codes[status] ?? 'RONDO_BODY_INVALID', message: status === 413 ? TOO_LARGE : exception.message, status }
    }
    this.onDefect(exception, request.id)
    return { code: 'RONDO_INTERNAL', message: 'This is a defect in Rondo itself. Please report it.', status: 500 }
  }

  /** A request that no route takes: its path is wrong, or only its method. */
  private unrouted({ method, url }: Request): Failure {
    const shown = url.slice(0, SHOWN_LENGTH_MAX)
    const allow = this.paths.methodsOf(url).join(', ')
    if (allow === '') return { status: 404, code: 'RONDO_NOT_FOUND', message: `There is nothing at ${shown}.` }
    return { status: 405, code: 'RONDO_METHOD_NOT_ALLOWED', message: `${shown} does not accept ${method}, only ${allow}.`, headers: { allow } }
  }
}
