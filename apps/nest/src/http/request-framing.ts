import { isLoopbackHost } from '#access'
import { RondoError } from '#contracts'

/** The part of Node's request that is used here. */
interface RawRequest {
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
export function refuseUnclear({ httpVersion, rawHeaders, headers }: RawRequest): void {
  if (rawHeaders.length > 2 * HEADERS_MAX) throw new RondoError('RONDO_HEADERS_TOO_LARGE', `The request has more than ${HEADERS_MAX} headers.`)
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) throw unclear(`expected one header Host, found ${hosts}`)
  const coding = headers['transfer-encoding']
  if (coding === undefined) return
  if (httpVersion !== '1.1') throw unclear(`expected no Transfer-Encoding in HTTP/${httpVersion}`)
  if (coding.trim().toLowerCase() !== 'chunked') throw unclear(`expected the Transfer-Encoding chunked, found ${JSON.stringify(coding.slice(0, 100))}`)
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

const unclear = (detail: string): RondoError => new RondoError('RONDO_REQUEST_INVALID', `The request is not clear: ${detail}.`)
