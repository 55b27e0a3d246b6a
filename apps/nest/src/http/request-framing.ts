import { isLoopbackHost } from '#access'
import { RondoError } from '#contracts'

/** The part of Node's request that is used here. */
interface RawRequest {
  readonly socket: object
  readonly httpVersion: string
  readonly url?: string | undefined
  readonly rawHeaders: readonly string[]
  readonly headers: { readonly host?: string | undefined; readonly 'transfer-encoding'?: string | undefined }
}

/** A browser sends about 20. */
const HEADERS_MAX = 500

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/**
 * Refuses what a proxy in front may read otherwise than this server: another host, or another end of the body. Also too many headers: the
 * parser limits only the sum of their sizes.
 * @throws RondoError RONDO_REQUEST_INVALID, RONDO_HEADERS_TOO_LARGE
 */
export function refuseUnclear(request: RawRequest): void {
  const { rawHeaders, socket } = request
  if (rawHeaders.length > 2 * HEADERS_MAX) throw new RondoError('RONDO_HEADERS_TOO_LARGE', `The request has more than ${HEADERS_MAX} headers.`)
  const defect = unclear.has(socket) ? 'expected no request after one that was not clear' : framingDefect(request)
  if (defect === undefined) return
  unclear.add(socket)
  throw new RondoError('RONDO_REQUEST_INVALID', `The request is not clear: ${defect}.`)
}

/**
 * Connections with a request whose end is not clear. What follows there may be its body, with a request in it that a proxy did not see. The connection
 * ends with the answer, but Node gives what has come already to the handlers before.
 */
const unclear = new WeakSet<object>()

function framingDefect({ httpVersion, rawHeaders, headers }: RawRequest): string | undefined {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return `expected one header Host, found ${hosts}`
  const coding = headers['transfer-encoding']
  if (coding === undefined) return undefined
  if (httpVersion !== '1.1') return `expected no Transfer-Encoding in HTTP/${httpVersion}`
  return coding.trim().toLowerCase() === 'chunked' ? undefined : `expected the Transfer-Encoding chunked, found ${JSON.stringify(coding.slice(0, 100))}`
}

/**
 * Refuses a request for another host than this machine. A site could point its own host name at this address, so that its page reads data of this
 * machine. The header `host` of such requests has that name.
 * @throws RondoError RONDO_HOST_FOREIGN
 */
export function refuseForeignHost({ url = '', headers }: RawRequest): void {
  const host = ABSOLUTE.exec(url)?.[1] ?? headers.host
  if (host === undefined || isLoopbackHost(host)) return
  throw new RondoError('RONDO_HOST_FOREIGN', `This server answers for localhost only, and was asked for ${JSON.stringify(host.slice(0, 256))}.`)
}
