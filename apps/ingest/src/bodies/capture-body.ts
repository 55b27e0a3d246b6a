import { RondoError } from '#contracts'
import { parsedJson, textBody } from '../../../nest/src/http/json-body.ts'
import { BODY_BYTES_MAX } from '../../../nest/src/http-adapter.ts'
import { unpack } from '../../../nest/src/unpack.ts'

const isGzip = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b
const BASE64 = /^[\w+/=\s-]+$/

/**
 * The value of the body of a PostHog client: JSON, gzip, base64, or a form whose field `data` is one of these. The clients send no header
 * that names the format.
 * @param compression the compression that the path or the form names; the bytes themselves have priority
 * @throws RondoError RONDO_BODY_INVALID, RONDO_BODY_TOO_LARGE
 */
export async function captureBody(body: unknown, compression?: string): Promise<unknown> {
  if (!(body instanceof Uint8Array)) return readCapture(body, compression)
  const known = captures.get(body)
  if (known !== undefined) return known
  const capture = readCapture(body, compression)
  captures.set(body, capture)
  return capture
}

/** The captures of running requests: the guard searches the key in the body before the handler reads it. A request has one compression. */
const captures = new WeakMap<Uint8Array, Promise<unknown>>()

async function readCapture(body: unknown, compression: string | undefined): Promise<unknown> {
  if (body instanceof Uint8Array && isGzip(body)) return readCapture(await unpackGzip(body), compression)
  const text = textBody(body)
  if (!text.startsWith('data=')) return parsedJson(await plainText(text, compression))
  const form = new URLSearchParams(text)
  return parsedJson(await plainText(form.get('data') ?? '', form.get('compression') ?? compression))
}

async function unpackGzip(body: Uint8Array): Promise<Buffer> {
  const content = await unpack(Buffer.from(body), 'gzip', BODY_BYTES_MAX)
  if (isGzip(content)) throw new RondoError('RONDO_BODY_INVALID', 'The body is packed with gzip more than once.')
  return content
}

/** JSON begins with a bracket, which base64 never has. */
async function plainText(text: string, compression: string | undefined): Promise<string> {
  if (compression === 'lz64') {
    throw new RondoError('RONDO_BODY_INVALID', 'The body is packed as lz64, which old clients did: expected gzip-js, base64 or none. Update the client.')
  }
  if (text.trim() === '' || !BASE64.test(text)) return text
  // A form turns a plus into a space.
  const content = Buffer.from(text.replaceAll(' ', '+'), 'base64')
  return textBody(isGzip(content) ? await unpackGzip(content) : content)
}
