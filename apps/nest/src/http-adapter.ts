import type { ServerResponse } from 'node:http'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { isLoopback } from '#access'
import { RondoError } from '#contracts'
import { problemOf } from './problem.filter.ts'
import { unpack } from './unpack.ts'

/** Clients send batches of up to about 500 KB. */
export const BODY_BYTES_MAX = 1024 * 1024
/** Rows of an import come in larger requests. */
export const ROWS_BYTES_MAX = 8 * BODY_BYTES_MAX
const HEADERS_MS_MAX = 30_000
/** An id of 256 bytes, each percent-encoded. */
const PARAM_LENGTH_MAX = 768

/** The part of Fastify's request that is used here. */
interface Request {
  readonly headers: { readonly host?: string | undefined; readonly 'content-encoding'?: string | undefined; 'content-type'?: string | undefined }
}

/** A path that cannot be decoded matches no handler, so no filter would see its failure. */
function refusePath(error: Error, _request: unknown, reply: { readonly raw: Pick<ServerResponse, 'writeHead'> }): void {
  const problem = problemOf(400, 'RONDO_ARGUMENT_INVALID', `The path cannot be read: ${error.message}.`)
  reply.raw.writeHead(400, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
}

/**
 * Handlers get bodies as bytes, decompressed, whatever their content type: clients send JSON as text, as a form and as JSON.
 * Paths are the same with and without a slash at the end, and never redirected.
 * @param host the address to listen on: on 127.0.0.1 only requests for localhost are answered
 */
export function httpAdapter(host: string): FastifyAdapter {
  const adapter = new FastifyAdapter({
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAM_LENGTH_MAX },
    requestTimeout: HEADERS_MS_MAX,
    frameworkErrors: refusePath,
  })
  const server = adapter.getInstance()
  if (isLoopback(host)) server.addHook('onRequest', async (request: Request) => refuseForeignHost(request.headers.host))
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

/** Fastify refuses a path without this beginning before any parser sees it. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+\s*(;|$)/
const UNKNOWN_TYPE = 'application/octet-stream'
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** A site could point its own host name at this address, so that its page reads data of this machine. The header `host` of such requests has that name. */
function refuseForeignHost(host: string | undefined): void {
  if (host === undefined || LOCAL_HOST.test(host)) return
  throw new RondoError('RONDO_HOST_FOREIGN', `This server answers for localhost only, and was asked for ${JSON.stringify(host.slice(0, 256))}.`)
}
