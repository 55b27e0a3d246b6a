import { type Key, RondoError } from '#contracts'
import type { Clock } from '#runtime'
import { type KeyBearer, keyTextOf } from './credentials.ts'
import { isKeyShaped } from './key-text.ts'
import type { Keys } from './keys.ts'
import { type Need, requirePermission } from './permission.ts'
import { type RateLimit, RateLimiter } from './rate-limiter.ts'

export interface GateOptions {
  readonly keys: Keys
  /** Whether a request without a key is refused. Where it is not, such a request may do everything. */
  readonly required: boolean
  /** The environment that runs here; keys of another one are refused. */
  readonly environment: string
  /** How many requests may come from one address; any number from this machine itself. */
  readonly addressLimit: RateLimit
  readonly clock: Clock
}

/** What of a request decides whether it may pass. */
export interface GateRequest {
  readonly bearer: KeyBearer
  /** The header Origin: the web page that sends it, where a browser does. */
  readonly origin?: string | undefined
  /** The header Host: where the request went. */
  readonly host?: string | undefined
}

/** Decides who passes: how much comes from one address, whether the key is valid and may do this, from which web pages. */
export class Gate {
  readonly #options: GateOptions
  readonly #addresses = new RateLimiter()
  readonly #events = new RateLimiter()

  constructor(options: GateOptions) {
    this.#options = options
  }

  /**
   * Takes a request from an address.
   * @throws RondoError RONDO_RATE_LIMITED
   */
  take(address: string): void {
    const { addressLimit, clock } = this.#options
    if (isLoopback(address)) return
    const waitMs = this.#addresses.take(address, 1, addressLimit, clock.now())
    if (waitMs > 0) throw limited(`More than ${addressLimit.perSecond} requests a second come from ${address}`, waitMs)
  }

  /**
   * @returns the key of the request; undefined where it has none and needs none
   * @throws RondoError RONDO_KEY_MISSING, RONDO_KEY_INVALID, RONDO_KEY_SCOPE, RONDO_ORIGIN_FOREIGN
   */
  admit(request: GateRequest, need: Need): Key | undefined {
    const key = this.#keyOf(request.bearer)
    checkOrigin(request, key)
    if (key !== undefined) requirePermission(key, need, this.#options.environment)
    else if (this.#options.required) throw missing(need)
    return key
  }

  /**
   * Takes as many events as a request holds from what its key may send.
   * @throws RondoError RONDO_RATE_LIMITED
   */
  takeEvents(key: Key | undefined, events: number): void {
    if (key?.eventsPerSecond === undefined) return
    const limit = { perSecond: key.eventsPerSecond, burst: key.eventsPerSecond }
    const waitMs = this.#events.take(key.id, events, limit, this.#options.clock.now())
    if (waitMs > 0) throw limited(`More than ${key.eventsPerSecond} events a second come with the key ${key.id} (${key.name})`, waitMs)
  }

  /** Whether a browser may be told that pages of this origin can send here: before it sends the key, it asks without one. */
  isOriginKnown(origin: string): boolean {
    return this.#options.keys.isOriginKnown(origin)
  }

  /** SDKs always send some write key. Where none is needed, one that cannot be a key of Rondo says nothing. */
  #keyOf(bearer: KeyBearer): Key | undefined {
    const text = keyTextOf(bearer)
    if (text === undefined || (!this.#options.required && !isKeyShaped(text))) return undefined
    return this.#options.keys.authenticate(text)
  }
}

/** Any web page can send to any address, also to one that only this machine can reach. Only pages that a key names may, and our own. */
function checkOrigin({ origin, host }: GateRequest, key: Key | undefined): void {
  if (origin === undefined || isOwnOrigin({ origin, host }) || key?.origins?.includes(origin) === true) return
  throw foreignOrigin(origin)
}

/** Whether a page comes from where its request goes to. */
export function isOwnOrigin({ origin, host }: { readonly origin: string; readonly host?: string | undefined }): boolean {
  return host !== undefined && hostOf(origin) === host.toLowerCase()
}

export function foreignOrigin(origin: string): RondoError {
  const page = JSON.stringify(origin.slice(0, 256))
  return new RondoError('RONDO_ORIGIN_FOREIGN', `Pages of ${page} may not send here. Give them a write key that names this origin (rondo key create --origin).`)
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(address: string): boolean {
  return /^(localhost|(::ffff:)?127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(address)
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function missing({ role }: Need): RondoError {
  const how = 'as the user of Basic, as Bearer, or in the header X-Write-Key'
  return new RondoError('RONDO_KEY_MISSING', `This needs ${role === 'admin' ? 'an admin' : `a ${role}`} key, and the request has none: send it ${how}.`)
}

function limited(message: string, waitMs: number): RondoError {
  return new RondoError('RONDO_RATE_LIMITED', `${message}.`, { retriable: true, retryAfterMs: waitMs })
}
