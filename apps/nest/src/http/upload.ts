import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createInflate } from 'node:zlib'
import { RondoError } from '#contracts'

/** The configuration of a route whose handler reads the body itself, while it arrives: `@RouteConfig(READS_UPLOAD)`. */
export const READS_UPLOAD = { readsUpload: true }

export const readsUpload = (config: object): boolean => 'readsUpload' in config

/** A body that is read while it arrives: as fast as its reader, however long it is. */
export interface Upload {
  /** The bytes as they come, gzip and zstd still packed: readers recognize these by their first bytes. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** How many bytes of the body have arrived. */
  readonly received: () => number
  /** The length of the body, if the client knows it. */
  readonly length: number | undefined
}

/** Requests whose body a handler reads. */
const uploads = new WeakSet<IncomingMessage>()

/** Whether a handler reads the body: then the limit of time for a whole request does not hold. */
export const isUpload = (request: IncomingMessage): boolean => uploads.has(request)

/**
 * Begins to read the body of a request. A client that waits for leave to send gets it here, after its key has been checked.
 * @throws RondoError RONDO_BODY_INVALID if the body is packed in another way than gzip, zstd, deflate or br
 */
export function uploadOf(request: IncomingMessage, response: ServerResponse): Upload {
  const { expect, 'content-length': length, 'content-encoding': coding = 'identity' } = request.headers
  const unpack = codings[coding.trim().toLowerCase()]
  if (unpack === undefined) throw new RondoError('RONDO_BODY_INVALID', `The body is packed as ${coding}: expected gzip, zstd, deflate, br, or none.`)
  if (expect?.toLowerCase() === '100-continue') response.writeContinue()
  uploads.add(request)
  let received = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    // A reader that stops early still answers, so the connection stays; Node drops the rest of the body.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      received += chunk.length
      yield chunk
    }
  }
  return { chunks: unpack(counted()), received: () => received, length: length === undefined ? undefined : Number(length) }
}

const asTheyAre = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => chunks
const codings: Readonly<Record<string, (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>>> = {
  identity: asTheyAre,
  gzip: asTheyAre,
  'x-gzip': asTheyAre,
  zstd: asTheyAre,
  deflate: (chunks) => piped(chunks, createInflate()),
  br: (chunks) => piped(chunks, createBrotliDecompress()),
}

/** The reader of the unpacked stream gets a failure; without the callback it would be thrown a second time. */
function piped(chunks: AsyncIterable<Uint8Array>, unpack: NodeJS.ReadWriteStream): AsyncIterable<Uint8Array> {
  return pipeline(chunks, unpack, () => undefined) as unknown as AsyncIterable<Uint8Array>
}
