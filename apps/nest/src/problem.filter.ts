import { STATUS_CODES } from 'node:http'
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common'
import { type ErrorCode, RondoError } from '#contracts'

const statuses: Partial<Record<ErrorCode, number>> = {
  RONDO_BODY_INVALID: 400,
  RONDO_ARGUMENT_INVALID: 400,
  RONDO_EVENT_INVALID: 400,
  RONDO_EVENT_FROM_FUTURE: 400,
  RONDO_EVENT_TOO_LARGE: 413,
  RONDO_BODY_TOO_LARGE: 413,
  RONDO_NOT_FOUND: 404,
  RONDO_HOST_FOREIGN: 421,
  RONDO_KEY_MISSING: 401,
  RONDO_KEY_INVALID: 401,
  RONDO_KEY_SCOPE: 403,
  RONDO_ORIGIN_FOREIGN: 403,
  RONDO_RATE_LIMITED: 429,
  RONDO_BACKFILL_BUSY: 409,
  RONDO_IMPORT_CONFLICT: 409,
  RONDO_IMPORT_TOO_OLD: 409,
  RONDO_OVERLOADED: 503,
  RONDO_DATA_FULL: 503,
  RONDO_LOG_UNAVAILABLE: 503,
  RONDO_CLOCK_OFF: 503,
}
const codes: Readonly<Record<number, ErrorCode>> = { 404: 'RONDO_NOT_FOUND', 413: 'RONDO_BODY_TOO_LARGE' }
const RETRY_AFTER_S = 2

function retryAfterS(exception: unknown): number {
  const afterMs = exception instanceof RondoError ? exception.retryAfterMs : undefined
  return afterMs === undefined ? RETRY_AFTER_S : Math.max(1, Math.ceil(afterMs / 1000))
}

/** The part of Fastify's reply that is used here. */
interface Reply {
  status(status: number): Reply
  header(name: string, value: string): Reply
  send(body: unknown): unknown
}

/** A problem document with `code` and `message` beside the members of RFC 9457: SDKs send a request again if they are missing. */
export function problemOf(status: number, code: ErrorCode, message: string) {
  return { type: `urn:rondo:error:${code}`, title: STATUS_CODES[status] ?? 'Error', status, detail: message, code, message }
}

/** Every failure as a problem document (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** @param onDefect called with an error that no client has caused and that is not reported to the operator elsewhere */
  constructor(private readonly onDefect: (error: unknown) => void) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { code, message, status } = this.read(exception)
    const reply = host.switchToHttp().getResponse<Reply>()
    if (status === 503 || status === 429) reply.header('retry-after', String(retryAfterS(exception)))
    // With this header a browser asks its user for the key, as the user name.
    if (status === 401) reply.header('www-authenticate', 'Basic realm="Rondo: a key as the user name", charset="UTF-8"')
    reply
      .status(status)
      .header('content-type', 'application/problem+json')
      .send(problemOf(status, code, message))
  }

  private read(exception: unknown): { code: ErrorCode; message: string; status: number } {
    if (exception instanceof RondoError) {
      const { code, message, retriable } = exception
      if (statuses[code] === undefined) this.onDefect(exception)
      return { code, message, status: statuses[code] ?? (retriable ? 503 : 500) }
    }
    if (exception instanceof HttpException && exception.getStatus() < 500) {
      const status = exception.getStatus()
      return { code: codes[status] ?? 'RONDO_BODY_INVALID', message: exception.message, status }
    }
    this.onDefect(exception)
    return { code: 'RONDO_INTERNAL', message: 'This is a defect in Rondo itself. Please report it.', status: 500 }
  }
}
