import { type Key, RondoError } from '#contracts'
import type { Clock } from '#runtime'
import { type KeyBearer, keyTextOf } from './credentials.ts'
import { isKeyShaped } from './key-text.ts'
import type { Keys } from './keys.ts'
import { Links } from './links.ts'
import { isLoopback } from './loopback.ts'
import { type RequiredPermission, requirePermission } from './permission.ts'
import { LocalRates } from './rates/local-rates.ts'
import type { RateLimit } from './rates/rate-limiter.ts'
import type { Rates } from './rates/rates.ts'
import type { SignedLink } from './signed-link.ts'

/** The keys, limits and environment by which a {@link Gate} decides. */
export interface GateOptions {
  readonly keys: Keys
  /** Whether a request without a key is refused. If not, such a request may do everything. */
  readonly required: boolean
  /** The environment of this process; keys of another environment are refused. */
  readonly environment: string
  /** Web pages of these origins may show what signed links show. */
  readonly embedOrigins?: readonly string[] | undefined
  /** The limit of requests from one address. Requests from this machine itself have no limit. */
  readonly addressLimit: RateLimit
  /** Where requests and events are counted; in this process unless set. */
  readonly rates?: Rates | undefined
  readonly clock: Clock
}

/** The parts of a request that decide whether it may pass. */
export interface GateRequest {
  readonly bearer: KeyBearer
  /** The link in its address, which is taken before any key. */
  readonly link?: SignedLink | undefined
  /** The header Origin: the web page that sends the request, if a browser sends it. */
  readonly origin?: string | undefined
  /** The header Host: the address to which the request was sent. */
  readonly host?: string | undefined
}

/** Decides which requests pass: by the rate of their address, by their key and its permission, and by the web page that sends them. */
export class Gate {
  readonly #options: GateOptions
  readonly #rates: Rates
  readonly #links: Links
  #addressLimit: RateLimit

  constructor(options: GateOptions) {
    this.#options = options
    this.#addressLimit = options.addressLimit
    this.#rates = options.rates ?? new LocalRates(options.clock)
    this.#links = new Links(options)
  }

  /** Changes the limit of requests from one address. */
  limitAddresses(limit: RateLimit): void {
    this.#addressLimit = limit
  }

  /**
   * Counts a request of an address.
   * @throws RondoError RONDO_RATE_LIMITED
   */
  async countRequest(address: string): Promise<void> {
    const addressLimit = this.#addressLimit
    if (isLoopback(address)) return
    const waitMs = await this.#rates.take(`address:${address}`, 1, addressLimit)
    if (waitMs > 0) throw rateLimitedError(`More than ${addressLimit.perSecond} requests a second come from ${address}`, waitMs)
  }

  /**
   * @returns the key of the request; undefined if it has no key and needs none
   * @throws RondoError RONDO_KEY_MISSING, RONDO_KEY_INVALID, RONDO_LINK_INVALID, RONDO_KEY_SCOPE, RONDO_ORIGIN_FOREIGN
   */
  admit(request: GateRequest, need: RequiredPermission): Key | undefined {
    const key = request.link === undefined ? this.#keyOf(request.bearer) : this.#links.authenticate(request.link)
    if (request.link === undefined || !this.#mayEmbed(request.origin)) checkOrigin(request, key)
    if (key !== undefined) requirePermission(key, need, this.#options.environment)
    else if (this.#options.required) throw missingKeyError(need)
    return key
  }

  /**
   * Counts the events of a request for the rate of its key.
   * @throws RondoError RONDO_RATE_LIMITED
   */
  async countEvents(key: Key | undefined, events: number): Promise<void> {
    if (key?.eventsPerSecond === undefined) return
    const limit = { perSecond: key.eventsPerSecond, burst: key.eventsPerSecond }
    const waitMs = await this.#rates.take(`key:${key.id}`, events, limit)
    if (waitMs > 0) throw rateLimitedError(`More than ${key.eventsPerSecond} events a second come with the key ${key.id} (${key.name})`, waitMs)
  }

  /** Whether pages of this origin may send here. A browser asks this (CORS) before it sends the key. */
  isOriginKnown(origin: string): boolean {
    return this.#mayEmbed(origin) || this.#options.keys.isOriginKnown(origin)
  }

  #mayEmbed(origin: string | undefined): boolean {
    return origin !== undefined && this.#options.embedOrigins?.includes(origin) === true
  }

  /** SDKs always send some write key. If no key is needed, a text that cannot be a key of Rondo is ignored. */
  #keyOf(bearer: KeyBearer): Key | undefined {
    const text = keyTextOf(bearer)
    if (text === undefined || (!this.#options.required && !isKeyShaped(text))) return undefined
    return this.#options.keys.authenticate(text)
  }
}

/** A web page can send to any address, also to one that only this machine can reach. So only Rondo's own pages and pages that a key names may send. */
function checkOrigin({ origin, host }: GateRequest, key: Key | undefined): void {
  if (origin === undefined || isOwnOrigin({ origin, host }) || key?.origins?.includes(origin) === true) return
  throw foreignOrigin(origin)
}

/** Whether a page comes from the host to which it sends its request. */
export function isOwnOrigin({ origin, host }: { readonly origin: string; readonly host?: string | undefined }): boolean {
  return host !== undefined && hostOf(origin) === host.toLowerCase()
}

/** The refusal of a web page that no key names. */
export function foreignOrigin(origin: string): RondoError {
  const page = JSON.stringify(origin.slice(0, 256))
  return new RondoError('RONDO_ORIGIN_FOREIGN', `Pages of ${page} may not send here. Give them a write key that names this origin (rondo key create --origin).`)
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function missingKeyError({ role }: RequiredPermission): RondoError {
  const how = 'as the user of Basic, as Bearer, or in the header X-Write-Key'
  return new RondoError('RONDO_KEY_MISSING', `This needs ${role === 'admin' ? 'an admin' : `a ${role}`} key, and the request has none: send it ${how}.`)
}

function rateLimitedError(message: string, waitMs: number): RondoError {
  return new RondoError('RONDO_RATE_LIMITED', `${message}.`, { retriable: true, retryAfterMs: waitMs })
}
