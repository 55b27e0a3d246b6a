import { RondoError } from '#contracts'
import { type RedisServerSettings, redisAddresses, redisDetail, redisLogin, redisRefusal } from '#runtime'

/** How long the check waits for an answer. */
const TIMEOUT_MS = 5_000
/** Names the commands of the arguments that the user may not run on the key. Redis before 7.0 cannot say it. */
const SCRIPT = `
if not redis.acl_check_cmd then return {} end
local refused = {}
for _, name in ipairs(ARGV) do
  local allowed
  if name == 'eval' or name == 'evalsha' then allowed = redis.acl_check_cmd(name, 'x', '1', KEYS[1])
  elseif name == 'del' or name == 'unlink' then allowed = redis.acl_check_cmd(name, KEYS[1])
  elseif string.find(name, '|', 1, true) then allowed = redis.acl_check_cmd(string.match(name, '^[^|]+'), string.match(name, '[^|]+$'))
  else allowed = redis.acl_check_cmd(name, KEYS[1], '0', '0', '0') end
  if not allowed then table.insert(refused, name) end
end
return refused`

/** What a process needs of Redis. */
export interface RedisNeeds {
  readonly server: RedisServerSettings
  /** The beginning of every key. */
  readonly prefix: string
  readonly commands: readonly string[]
}

/**
 * Everything that would keep a process from its work in Redis: the connection, the login, the commands. It changes nothing there.
 * @returns RONDO_MODELS_UNAVAILABLE, RONDO_LOGIN_REFUSED, RONDO_CERTIFICATE_REFUSED or RONDO_RIGHT_MISSING; nothing if all is well
 */
export async function checkRedisAccess({ server, prefix, commands }: RedisNeeds): Promise<RondoError[]> {
  // Loaded only when it is needed (docs/decisions/0006).
  const { Cluster, Redis } = await import('ioredis')
  const [addresses, login] = [redisAddresses(server.url), redisLogin(server)]
  const options = { ...login, connectTimeout: TIMEOUT_MS, commandTimeout: TIMEOUT_MS, maxRetriesPerRequest: 0 }
  const client = server.cluster
    ? new Cluster(addresses, { clusterRetryStrategy: () => null, redisOptions: options, lazyConnect: true })
    : new Redis(addresses[0], { ...options, retryStrategy: () => null, lazyConnect: true })
  let lost: Error | undefined
  client.on('error', (failure) => {
    lost ??= failure
  })
  const what = 'Redis cannot be used'
  try {
    await client.connect()
    const refused = (await client.eval(SCRIPT, 1, `${prefix}:validate`, ...commands)) as string[]
    return refused.length === 0 ? [] : [missingCommands(refused)]
  } catch (failure) {
    const cause = lost ?? failure
    return [redisRefusal(what, cause) ?? unavailable(what, cause)]
  } finally {
    client.disconnect()
  }
}

const missingCommands = (commands: readonly string[]): RondoError =>
  new RondoError(
    'RONDO_RIGHT_MISSING',
    `The user of RONDO_REDIS may not use these commands on the keys of RONDO_REDIS_PREFIX: ${commands.join(', ')}. docs/guides/secure-clusters.md has the rules that give all that are needed.`,
    { retriable: true },
  )

const unavailable = (what: string, cause: unknown): RondoError =>
  new RondoError('RONDO_MODELS_UNAVAILABLE', `${what}: ${redisDetail(cause)}. Check that Redis is up and can be reached.`, { cause, retriable: true })
