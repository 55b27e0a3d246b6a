import type { ErrorCode } from './error-codes.ts'

/** Every failure that a user can meet: a stable code, a sentence that says what, where and what to do, and whether a retry helps. */
export class RondoError extends Error {
  readonly code: ErrorCode
  readonly retriable: boolean
  /** After how long a retry can succeed, where that is known. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retriable?: boolean; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RondoError'
    this.code = code
    this.retriable = options.retriable ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}
