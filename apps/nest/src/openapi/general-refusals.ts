import type { ErrorCode } from '#contracts'

/** What the HTTP layer refuses before any route. */
export const LAYER_REFUSALS: readonly ErrorCode[] = [
  'RONDO_REQUEST_INVALID',
  'RONDO_ARGUMENT_INVALID',
  'RONDO_REQUEST_TIMEOUT',
  'RONDO_PATH_TOO_LONG',
  'RONDO_HOST_FOREIGN',
  'RONDO_HEADERS_TOO_LARGE',
]
/** Refusals of a route that needs a key. */
export const KEY_REFUSALS: readonly ErrorCode[] = [
  'RONDO_KEY_MISSING',
  'RONDO_KEY_INVALID',
  'RONDO_LINK_INVALID',
  'RONDO_KEY_SCOPE',
  'RONDO_ORIGIN_FOREIGN',
  'RONDO_RATE_LIMITED',
]
/** Refusals of every request that may have a body. */
export const BODY_REFUSALS: readonly ErrorCode[] = ['RONDO_BODY_INVALID', 'RONDO_BODY_TOO_LARGE', 'RONDO_ENCODING_UNKNOWN']
/** Kafka or Redis does not let this process in; an operator must correct that. */
export const SHUT_OUT_REFUSALS = [
  'RONDO_LOGIN_REFUSED',
  'RONDO_RIGHT_MISSING',
  'RONDO_CERTIFICATE_REFUSED',
  'RONDO_SECRET_UNREADABLE',
] as const satisfies readonly ErrorCode[]
