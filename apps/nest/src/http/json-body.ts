import { RondoError } from '#contracts'
import { readJson } from '#sources'
import { BODY_BYTES_MAX } from '../http-adapter.ts'

/**
 * The value of a request's body: JSON, for any content type (browsers send it as text/plain, RudderStack as a form).
 * @throws RondoError RONDO_BODY_INVALID
 */
export function jsonBody(body: unknown): unknown {
  if (!(body instanceof Uint8Array)) return parsedJson('')
  const known = parsed.get(body)
  if (known !== undefined) return known.value
  const value = parsedJson(textBody(body))
  parsed.set(body, { value })
  return value
}

/** The parsed bodies of running requests: the guard searches the key in the body before the handler reads it. */
const parsed = new WeakMap<Uint8Array, { readonly value: unknown }>()

/** @throws RondoError RONDO_BODY_INVALID */
export function parsedJson(text: string): unknown {
  try {
    return readJson(text)
  } catch (cause) {
    const detail = text.trim() === '' ? 'it is empty' : isNdjson(text) ? NDJSON_ADVICE : (cause as Error).message
    throw new RondoError('RONDO_BODY_INVALID', `The body is not JSON: ${detail}.`, { cause })
  }
}

const NDJSON_ADVICE = 'it is NDJSON, several values of one line each. Send one value, such as {"batch": [...]}; a history goes to PUT /v1/backfills/NAME'

/** Whether the first two lines are values of their own. */
function isNdjson(text: string): boolean {
  const [first = '', second = ''] = text.trim().split('\n', 2)
  return [first, second].every((line) => line.startsWith('{') && isJson(line))
}

/** Whether a text is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * @param bytesMax the limit. It must be given here, because a sender of calls can use the content type of rows, for which the server allows larger bodies
 * @throws RondoError RONDO_BODY_INVALID if the bytes are not UTF-8, RONDO_BODY_TOO_LARGE
 */
export function textBody(body: unknown, bytesMax = BODY_BYTES_MAX): string {
  if (!(body instanceof Uint8Array)) return ''
  if (body.length > bytesMax) throw new RondoError('RONDO_BODY_TOO_LARGE', `The body is larger than ${bytesMax} bytes. Send smaller batches.`)
  try {
    return decoder.decode(body)
  } catch (cause) {
    const isGzip = body[0] === 0x1f && body[1] === 0x8b
    throw new RondoError('RONDO_BODY_INVALID', isGzip ? 'The body is gzip. Send the header Content-Encoding: gzip with it.' : 'The body is not UTF-8.', {
      cause,
    })
  }
}
