import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib'
import { RondoError } from '#contracts'

/** A function of Node that decompresses a body. */
type Unpack = (body: Buffer, options: ZlibOptions) => Promise<Buffer>

const unzip: Unpack = promisify(gunzip)
const inflateZlib: Unpack = promisify(inflate)
const inflateWithoutHeader: Unpack = promisify(inflateRaw)

/** The coding `deflate` is zlib by the standard; some clients send raw deflate. The low half of the first byte of a zlib body is 8. */
const undeflate: Unpack = (body, options) => (((body[0] ?? 0) & 0x0f) === 8 ? inflateZlib : inflateWithoutHeader)(body, options)

const codings: ReadonlyMap<string, Unpack> = new Map([
  ['gzip', unzip],
  ['x-gzip', unzip],
  ['deflate', undeflate],
  ['br', promisify(brotliDecompress)],
])

/** The codings of a body, as the header Accept-Encoding lists them. */
export const CODING_NAMES = 'gzip, deflate, br'

/** No known client compresses more than twice; a body in many layers is an attack on the memory of the server. */
const CODINGS_MAX = 2

/**
 * The content of a compressed body.
 * @param encoding the Content-Encoding: its codings in the order in which they were applied
 * @param bytesMax limit of the content, whatever the size of the body
 * @throws RondoError RONDO_ENCODING_UNKNOWN, RONDO_BODY_INVALID, RONDO_BODY_TOO_LARGE
 */
export async function unpack(body: Buffer, encoding: string | undefined, bytesMax: number): Promise<Buffer> {
  const names = (encoding ?? '').split(',').map((name) => name.trim().toLowerCase())
  const applied = names.filter((name) => name !== '' && name !== 'identity')
  const unknown = applied.find((name) => !codings.has(name))
  if (unknown !== undefined || applied.length > CODINGS_MAX) {
    const expected = `expected ${CODING_NAMES}, at most ${CODINGS_MAX} of them, or none`
    throw new RondoError('RONDO_ENCODING_UNKNOWN', `The body is packed as ${JSON.stringify(encoding)}: ${expected}.`)
  }
  let content = body
  for (const name of applied.reverse()) content = await unpackOne(content, name, bytesMax)
  return content
}

async function unpackOne(body: Buffer, name: string, bytesMax: number): Promise<Buffer> {
  try {
    return await (codings.get(name) as Unpack)(body, { maxOutputLength: bytesMax })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new RondoError('RONDO_BODY_TOO_LARGE', `The body is larger than ${bytesMax} bytes when it is unpacked. Send smaller batches.`, { cause })
    }
    throw new RondoError('RONDO_BODY_INVALID', `The content-encoding of the body is ${name}, but the body is not in this coding, or is cut off.`, { cause })
  }
}
