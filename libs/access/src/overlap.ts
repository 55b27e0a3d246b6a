import { durationMs, parseDuration, RondoError } from '#contracts'

const OVERLAP_MAX = '30d'

/**
 * How long a key stays valid after it was replaced or revoked.
 * @throws RondoError RONDO_ARGUMENT_INVALID
 */
export function overlapMsOf(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms <= durationMs(OVERLAP_MAX)) return ms
  throw new RondoError('RONDO_ARGUMENT_INVALID', `Expected a duration up to ${OVERLAP_MAX}, such as 1h, found ${JSON.stringify(text.slice(0, 100))}.`)
}
