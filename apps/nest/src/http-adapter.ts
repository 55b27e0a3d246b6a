import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { RondoError } from '#contracts'
import { problemOf } from './problem.filter.ts'

/** Clients send batches of up to about 500 KB. */
const BODY_BYTES_MAX = 1024 * 1024
/** Rows of an import come in larger pieces. */
const ROWS_BYTES_MAX = 8 * BODY_BYTES_MAX
const HEADERS_MS_MAX = 30_000
/** An id of 256 bytes, each percent-encoded. */
const PARAM_LENGTH_MAX = 768

/** The part of Fastify's request that is used here. */
interface Request {
  readonly headers: { readonly host?: string | undefined; readonly 'content-encoding'?: string | undefined; 'content-type'?: string | undefined }
}

const unzip = promisify(gunzip)

/** A path that cannot be decoded leads to no handler, so that no filter sees its failure. */
function refusePath(error: Error, _request: unknown, reply: { readonly raw: Pick<ServerResponse, 'writeHead'> }): void {
  const problem = problemOf(400, 'RONDO_ARGUMENT_INVALID', `The path cannot be read: ${error.message}.`)
  reply.raw.writeHead(400, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
}

/**
 * Bodies reach the handlers as bytes, unpacked, whatever their content type says: clients send JSON as text, as a form and as JSON.
 * Paths are the same with and without a slash at the end, and never redirected.
 * @param host where it will listen: what only this machine can reach is not told to pages of other sites
 */
export function httpAdapter(host: string): FastifyAdapter {
  const adapter = new FastifyAdapter({
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAM_LENGTH_MAX },
    requestTimeout: HEADERS_MS_MAX,
    frameworkErrors: refusePath,
  })
  const server = adapter.getInstance()
  if (LOCAL_HOST.test(host)) server.addHook('onRequest', async (request: Request) => refuseForeignHost(request.headers.host))
  server.addHook('onRequest', async ({ headers }: Request) => {
    if (headers['content-type'] !== undefined && !MEDIA_TYPE.test(headers['content-type'])) headers['content-type'] = UNKNOWN_TYPE
  })
  server.removeAllContentTypeParsers()
  const limits = [
    ['*', BODY_BYTES_MAX],
    ['application/x-ndjson', ROWS_BYTES_MAX],
  ] as const
  for (const [type, bodyLimit] of limits) {
    server.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit }, (request: Request, body: Buffer) =>
      unpack(body, request.headers['content-encoding'], bodyLimit),
    )
  }
  return adapter
}

/** Fastify refuses what does not begin like this before any parser sees it. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+\s*(;|$)/
const UNKNOWN_TYPE = 'application/octet-stream'
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** A page of another site could have its own name point here, and read what only this machine may. Its requests carry that name. */
function refuseForeignHost(host: string | undefined): void {
  if (host === undefined || LOCAL_HOST.test(host)) return
  throw new RondoError('RONDO_HOST_FOREIGN', `This server answers for localhost only, and was asked for ${JSON.stringify(host.slice(0, 256))}.`)
}

async function unpack(body: Buffer, encoding: string | undefined, bytesMax: number): Promise<Buffer> {
  const coding = (encoding ?? 'identity').toLowerCase()
  if (coding === 'identity') return body
  if (coding !== 'gzip' && coding !== 'x-gzip') throw new RondoError('RONDO_BODY_INVALID', `The body is packed as ${encoding}: expected gzip, or none.`)
  try {
    return await unzip(body, { maxOutputLength: bytesMax })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new RondoError('RONDO_BODY_TOO_LARGE', `The body is larger than ${bytesMax} bytes when it is unpacked. Send smaller batches.`, { cause })
    }
    throw new RondoError('RONDO_BODY_INVALID', 'The body says that it is packed with gzip, and is not, or is cut off.', { cause })
  }
}
