import { RondoError } from '#contracts'

/** Whatever was thrown, as what an operator is told. What has no code is a defect of ours, with its stack. */
export function asRondoError(error: unknown): RondoError {
  if (error instanceof RondoError) return error
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new RondoError('RONDO_INTERNAL', `This is a defect in Rondo itself: ${detail}. Please report it.`, { cause: error })
}
