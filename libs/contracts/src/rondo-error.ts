import type { ErrorCode } from './error-codes.ts'

/** Every failure that a user can meet: a stable code, a sentence that says what, where and what to do, and whether a retry helps. */
export class RondoError extends Error {
  readonly code: ErrorCode
  readonly retriable: boolean

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retriable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RondoError'
    this.code = code
    this.retriable = options.retriable ?? false
  }
}
