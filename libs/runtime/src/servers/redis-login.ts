import { keepHidden, type Secret } from './secret.ts'
import { type TlsFiles, type TlsOptions, tlsOptions } from './tls-files.ts'

/** Where a Redis is, and how a process logs in there. */
export interface RedisServerSettings {
  /** `redis://` or, with TLS, `rediss://`; it may have a user and a password. For a cluster, one node or several, separated by commas. */
  readonly url: string
  /** Whether the URL leads to a Redis Cluster. */
  readonly cluster: boolean
  /** The user of Redis' ACL. Undefined for the one of the URL, or the default user. */
  readonly user?: string | undefined
  /** Undefined for the one of the URL. */
  readonly password?: Secret | undefined
  readonly tls?: TlsFiles | undefined
}

/** Options of ioredis for the login and for TLS. */
export interface RedisLogin {
  readonly username?: string
  readonly password?: string
  readonly tls?: TlsOptions
}

/**
 * The options for the login and for TLS. Reading them again reads the files again, so a client that does so before each connection uses a changed password or
 * certificate. While a file cannot be used, the options keep its last content, and `onFailure` is called.
 * @throws RondoError RONDO_SECRET_UNREADABLE if a file cannot be used at the beginning
 */
export function redisLogin(settings: RedisServerSettings, onFailure: (failure: Error) => void = () => {}): RedisLogin {
  const { url, user, tls = {} } = settings
  const address = firstAddress(url)
  const username = user ?? decoded(address.username)
  const login = username === undefined ? {} : { username }
  const readPassword = passwordReader(settings.password, decoded(address.password), onFailure)
  if (readPassword !== undefined) Object.defineProperty(login, 'password', { enumerable: true, get: readPassword })
  const readTls = (): TlsOptions => ({ ...tlsOptions(tls, address.hostname) })
  if (address.protocol === 'rediss:') Object.defineProperty(login, 'tls', { enumerable: true, get: kept(readTls, onFailure) })
  return login
}

function passwordReader(secret: Secret | undefined, inAddress: string | undefined, onFailure: (failure: Error) => void): (() => string) | undefined {
  if (secret !== undefined) return kept(() => secret.reveal(), onFailure)
  return inAddress === undefined ? undefined : () => keepHidden(inAddress)
}

/** The parts of the first address of a URL. */
function firstAddress(url: string): Pick<URL, 'protocol' | 'hostname' | 'username' | 'password'> {
  return URL.parse(url.split(',')[0] ?? '') ?? { protocol: '', hostname: '', username: '', password: '' }
}

/** A part of an address; undefined if it is empty. */
const decoded = (text: string): string | undefined => (text === '' ? undefined : decodeURIComponent(text))

/** The addresses of a URL without user and password: a client prefers those of its address to any other. */
export function redisAddresses(url: string): [string, ...string[]] {
  return url.split(',').map((part) => part.replace(/\/\/[^@]*@/, '//')) as [string, ...string[]]
}

/** Reads at once, and whenever it is called; while that fails, it gives what was read last. */
function kept<T>(read: () => T, onFailure: (failure: Error) => void): () => T {
  let last = read()
  return () => {
    try {
      last = read()
    } catch (failure) {
      onFailure(failure as Error)
    }
    return last
  }
}
