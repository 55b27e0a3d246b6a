import type { ErrorCode } from './error-codes.ts'

/** An error for users: a stable code; a sentence that names the problem, its place and the remedy; and whether a retry can help. */
export class RondoError extends Error {
  readonly code: ErrorCode
  readonly retriable: boolean
  /** The time after which a retry can succeed, if it is known. */
  readonly retryAfterMs: number | undefined
  /** The place of the defect in what was sent, such as `properties.price`, if it is at one place. */
  readonly path: string | undefined

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retriable?: boolean; retryAfterMs?: number; path?: string | undefined } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RondoError'
    this.code = code
    this.retriable = options.retriable ?? false
    this.retryAfterMs = options.retryAfterMs
    this.path = options.path
  }
}
