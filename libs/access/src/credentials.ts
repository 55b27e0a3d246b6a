import { RondoError } from '#contracts'

/** The parts of a request in which a client may give its key. */
export interface KeyBearer {
  readonly authorization?: string | undefined
  /** The header X-Write-Key. */
  readonly writeKey?: string | undefined
  /** A key in the body: `writeKey` of the Segment dialect, `api_key` of PostHog's. */
  readonly bodyKey?: unknown
}

/** How much of the header is read: a key is far shorter, and a client can send any length. */
const AUTHORIZATION_LENGTH_MAX = 1024

/**
 * The text of the key in a request: from the headers first, then from the body.
 * @returns undefined if the request has no key
 * @throws RondoError RONDO_KEY_INVALID if the header cannot be read
 */
export function keyTextOf({ authorization, writeKey, bodyKey }: KeyBearer): string | undefined {
  const text = authorization === undefined ? writeKey : authorizationKey(authorization)
  if (text !== undefined && text !== '') return text
  return typeof bodyKey === 'string' && bodyKey !== '' ? bodyKey : undefined
}

/** Reads `Bearer`, or `Basic` with the key as the user, as SDKs send it (some of them with two colons). */
function authorizationKey(header: string): string | undefined {
  const [scheme = '', value = ''] = header.slice(0, AUTHORIZATION_LENGTH_MAX).trim().split(/\s+/)
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') throw unreadable()
  const decoded = Buffer.from(value, 'base64').toString('utf8')
  const end = decoded.indexOf(':')
  return end === -1 ? decoded : decoded.slice(0, end)
}

function unreadable(): RondoError {
  return new RondoError('RONDO_KEY_INVALID', 'The header Authorization has another scheme than Basic (the key as the user, no password) or Bearer.')
}
