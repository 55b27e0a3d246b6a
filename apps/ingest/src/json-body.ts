import { RondoError } from '#contracts'
import { readJson } from '#sources'

/**
 * The value of a request's body: JSON, for any content type (browsers send it as text/plain, RudderStack as a form).
 * @throws RondoError RONDO_BODY_INVALID
 */
export function jsonBody(body: unknown): unknown {
  const text = textBody(body)
  try {
    return readJson(text)
  } catch (cause) {
    const detail = text.trim() === '' ? 'it is empty' : (cause as Error).message
    throw new RondoError('RONDO_BODY_INVALID', `The body is not JSON: ${detail}.`, { cause })
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** @throws RondoError RONDO_BODY_INVALID where the bytes are no UTF-8 */
export function textBody(body: unknown): string {
  if (!(body instanceof Uint8Array)) return ''
  try {
    return decoder.decode(body)
  } catch (cause) {
    throw new RondoError('RONDO_BODY_INVALID', 'The body is not UTF-8.', { cause })
  }
}
