import type { Cluster, Redis } from 'ioredis'
import { type RedisServerSettings, redisAddresses, redisLogin, redisRefusal } from '#runtime'
import type { RateLimit } from '../rates/rate-limiter.ts'
import type { Rates } from '../rates/rates.ts'

/** The Redis that all processes share. */
export interface RedisRatesSettings extends RedisServerSettings {
  /** The beginning of every key. */
  readonly prefix: string
  /** A command without an answer fails after this time. */
  readonly timeoutMs?: number
}

/** A request waits for this decision, so it is short. */
const TIMEOUT_MS = 250
const RECONNECT_MS_MAX = 2_000

/**
 * One bucket: a hash of its tokens and of when they were counted, by the clock of Redis, in milliseconds. A bucket that is full again is
 * the same as none, so it expires then.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cost, perSecond, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local stored = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = burst
if stored[1] then tokens = math.min(burst, stored[1] + math.max(0, now - stored[2]) * perSecond / 1000) end
local waitMs = 0
if tokens > 0 then tokens = tokens - cost else waitMs = math.max(1, math.ceil(-tokens * 1000 / perSecond)) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%d', now))
redis.call('PEXPIRE', KEYS[1], string.format('%d', math.ceil((burst - tokens) * 1000 / perSecond) + 1))
return waitMs`

/** The commands of Redis that the script and its client use: what a user of the ACL must be allowed. */
export const RATE_COMMANDS: readonly string[] = ['eval', 'evalsha', 'info', 'time', 'hmget', 'hset', 'pexpire']

/** The command that ioredis defines for the script. */
interface Script {
  rondoTake(key: string, cost: number, perSecond: number, burst: number): Promise<number>
}

/** Buckets in Redis, which all processes share. Each decision is one script call. */
export class RedisRates implements Rates {
  readonly #redis: (Redis | Cluster) & Script
  readonly #prefix: string
  /** Why there is no connection; a command without one fails with less detail. */
  #disconnection: Error | undefined

  private constructor(redis: (Redis | Cluster) & Script, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /** Connects in the background, and again after each loss: {@link take} fails meanwhile. @param onFailure called when the connection is lost or cannot be made */
  static async connect(settings: RedisRatesSettings, onFailure: (failure: Error) => void): Promise<RedisRates> {
    const { url, cluster, prefix, timeoutMs = TIMEOUT_MS } = settings
    // Loaded only when it is needed (docs/decisions/0006).
    const ioredis = await import('ioredis')
    const addresses = redisAddresses(url)
    const login = redisLogin(settings, onFailure)
    const pauseMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MS_MAX)
    const scripts = { rondoTake: { lua: SCRIPT, numberOfKeys: 1 } }
    // Without a connection a command fails at once.
    const options = { commandTimeout: timeoutMs, maxRetriesPerRequest: 0, enableOfflineQueue: false, scripts }
    const redis = cluster
      ? new ioredis.Cluster(addresses, { clusterRetryStrategy: pauseMs, redisOptions: Object.assign(login, options), enableOfflineQueue: false, scripts })
      : new ioredis.Redis(addresses[0], {
          ...options,
          ...login,
          retryStrategy: (attempt) => {
            Object.assign((redis as Redis).options, login)
            return pauseMs(attempt)
          },
        })
    const rates = new RedisRates(redis as unknown as (Redis | Cluster) & Script, prefix)
    redis.on('ready', () => {
      rates.#disconnection = undefined
    })
    redis.on('error', (failure) => {
      rates.#disconnection = failure
      onFailure(failure)
    })
    return rates
  }

  async take(name: string, cost: number, { perSecond, burst }: RateLimit): Promise<number> {
    try {
      return await this.#redis.rondoTake(`${this.#prefix}:rate:${name}`, cost, perSecond, burst)
    } catch (failure) {
      const cause = this.#disconnection ?? failure
      throw redisRefusal('Requests cannot be counted in Redis', cause) ?? cause
    }
  }

  close(): void {
    this.#redis.disconnect()
  }
}
