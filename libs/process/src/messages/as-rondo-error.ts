import { RondoError } from '#contracts'

/** Any thrown value as an error for operators. An error without a code is a defect of Rondo, with its stack. */
export function asRondoError(error: unknown): RondoError {
  if (error instanceof RondoError) return error
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new RondoError('RONDO_INTERNAL', `This is a defect in Rondo itself: ${detail}. Please report it.`, { cause: error })
}
