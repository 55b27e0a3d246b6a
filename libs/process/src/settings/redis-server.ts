import { z } from 'zod'
import { RondoError } from '#contracts'
import { checkTlsFiles, type RedisServerSettings, type TlsFiles } from '#runtime'
import { readConfiguration, yesOrNo } from './configuration.ts'
import { orFromFile, secret } from './secret-setting.ts'
import { textsOf } from './texts-of.ts'

/** The address of a Redis, from a variable or from a file, since it may have a password; with the settings of {@link redisServerSettings}. */
export const redisAddressSetting = (description: string) => orFromFile(redisAddress().describe(description))

/** As {@link redisAddressSetting}, but it may be missing. */
export const optionalRedisAddress = (description: string) =>
  orFromFile(
    z
      .union([z.literal(''), redisAddress()])
      .prefault('')
      .describe(description),
  )

/** The Redis of a deployment; each app describes the address itself. */
export const redisServerSettings = {
  redisUser: z.string().prefault('').describe('the user of the ACL of Redis, if the address does not name one'),
  redisPassword: secret('the password, if the address does not have one'),
  redisCaFile: z
    .string()
    .prefault('')
    .describe('a file (PEM) with certificates of the authorities of Redis, for rediss://; the authorities that Node knows unless set'),
  redisCertFile: z.string().prefault('').describe('a file (PEM) with the certificate of this process, if Redis requires one'),
  redisKeyFile: z.string().prefault('').describe('a file (PEM) with the key of that certificate, without a passphrase'),
  redisCluster: yesOrNo().prefault('no').describe('yes: the address is that of a Redis Cluster; of several nodes with commas between them'),
}

/** The values of {@link redisServerSettings}, and the address. */
export type RedisConfiguration = { readonly [Name in keyof typeof redisServerSettings]: z.output<(typeof redisServerSettings)[Name]> } & {
  readonly redis: string
}

/** How the Redis of a deployment is reached. */
export function redisServerOf(configuration: RedisConfiguration): RedisServerSettings {
  const { redis: url, redisCluster: cluster, redisUser, redisPassword: password } = configuration
  return { url, cluster, user: redisUser === '' ? undefined : redisUser, password, tls: filesOf(configuration) }
}

/**
 * Reads the address and the login of a Redis from the environment alone, for commands: it may have a password, and other users of a machine see arguments.
 * @returns undefined if no address is set
 * @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_SECRET_UNREADABLE
 */
export function readRedisServer(variable: (name: string) => string | undefined): RedisServerSettings | undefined {
  const settings = { redis: optionalRedisAddress('the address of Redis'), ...redisServerSettings }
  const { configuration, readable, defects } = readConfiguration(settings, [], variable)
  if (configuration === undefined) throw new RondoError('RONDO_ARGUMENT_INVALID', `${defects.join('. ')}.`)
  if (configuration.redis === '') return undefined
  checkRedis(readable)
  return redisServerOf(configuration)
}

/**
 * Checks settings that depend on each other, and the files that they name. It gets the valid settings.
 * @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_SECRET_UNREADABLE
 */
export function checkRedis(readable: Partial<RedisConfiguration>): void {
  const defects = defectsIn(readable)
  if (defects.length > 0) throw new RondoError('RONDO_ARGUMENT_INVALID', `${defects.join('. ')}. --help lists the settings.`)
  checkTlsFiles(filesOf(readable))
}

function defectsIn({ redis = '', redisUser, redisPassword, redisCaFile, redisCertFile, redisKeyFile }: Partial<RedisConfiguration>): string[] {
  const address = URL.parse(redis.split(',')[0] ?? '')
  const isFileNamed = [redisCaFile, redisCertFile, redisKeyFile].some(Boolean)
  return textsOf([
    [address?.protocol === 'redis:' && isFileNamed, 'Files for TLS to Redis are named, but the address in RONDO_REDIS does not begin with rediss://'],
    [Boolean(redisCertFile) !== Boolean(redisKeyFile), 'RONDO_REDIS_CERT_FILE and RONDO_REDIS_KEY_FILE need each other, and only one is set'],
    [Boolean(address?.password) && redisPassword !== undefined, 'The address in RONDO_REDIS has a password, and RONDO_REDIS_PASSWORD is set too'],
    [Boolean(address?.username) && Boolean(redisUser), 'The address in RONDO_REDIS has a user, and RONDO_REDIS_USER is set too'],
  ])
}

function filesOf({ redisCaFile, redisCertFile, redisKeyFile }: Partial<RedisConfiguration>): TlsFiles {
  return {
    ...(redisCaFile && { ca: { path: redisCaFile, setting: 'RONDO_REDIS_CA_FILE' } }),
    ...(redisCertFile && { cert: { path: redisCertFile, setting: 'RONDO_REDIS_CERT_FILE' } }),
    ...(redisKeyFile && { key: { path: redisKeyFile, setting: 'RONDO_REDIS_KEY_FILE' } }),
  }
}

/** A text with the address of a Redis: `redis://host:port`, or `rediss://` with TLS. For a cluster several addresses after commas; the scheme need not be repeated. */
function redisAddress() {
  return z
    .string()
    .refine((text) => isAddress(text) || text.split(',').every((part, at) => isAddress(at === 0 || part.includes('://') ? part : `redis://${part}`)), {
      error: 'expected redis://host:port, or rediss:// with TLS, with a port from 1 to 65535',
    })
}

/** Whether a text is one address, with or without user, password and database number. */
function isAddress(text: string): boolean {
  if (!/^rediss?:\/\/\S+$/.test(text)) return false
  const { hostname, port, pathname } = URL.parse(text) ?? { hostname: '', port: '', pathname: '' }
  return hostname !== '' && port !== '0' && /^\/?\d*$/.test(pathname)
}
