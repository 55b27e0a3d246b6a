import type { Cluster, Redis } from 'ioredis'
import { RondoError } from '#contracts'
import type { ReadModel } from '../models/read-model.ts'
import { applyScript } from './apply-script.ts'
import { clearedScript, keepScript, switchScript, unlinkScript } from './keeping-scripts.ts'
import { keptText } from './kept-models.ts'
import { rebuildScript } from './rebuild-script.ts'

/** Where the read models lie in Redis. */
export interface RedisSettings {
  /** `redis://` or, with TLS, `rediss://`, with user and password where there are. Of a cluster one node or, after commas, several. */
  readonly url: string
  /** Whether the URL leads to a Redis Cluster. */
  readonly cluster: boolean
  /** Begins every key. Letters, digits, `-`, `_` and `:`; one for each cycle where several share a Redis. */
  readonly prefix: string
  /** After how long a command that has no answer is given up. */
  readonly timeoutMs?: number
  /** Told when the connection is lost or cannot be made. It is made again without end. */
  readonly onFailure?: (failure: RondoError) => void
}

const TIMEOUT_MS = 5000
const RECONNECT_MS_MAX = 2000

/** The scripts as commands: how many of the arguments are keys, then all of them. */
interface Scripts {
  rondoApply(keys: number, ...args: string[]): Promise<string[]>
  rondoRebuild(keys: number, ...args: string[]): Promise<null>
  rondoKeep(keys: number, ...args: string[]): Promise<string>
  rondoSwitch(keys: number, ...args: string[]): Promise<number>
  rondoUnlink(keys: number, ...args: string[]): Promise<number>
  rondoCleared(keys: number, ...args: string[]): Promise<null>
}
export type RedisNode = Redis & Scripts
export type RedisClient = RedisNode | (Cluster & Scripts)

/**
 * Connects, now and after each loss. A command that waits for a connection fails when the next attempt to make one has failed.
 * @param models of which the scripts are made that apply a batch and rebuild a model
 * @throws RondoError RONDO_ARGUMENT_INVALID where the prefix holds what it may not
 */
export async function connectRedis(settings: RedisSettings, models: readonly ReadModel[]): Promise<RedisClient> {
  const { url, cluster, prefix, timeoutMs = TIMEOUT_MS, onFailure } = settings
  if (!/^[A-Za-z0-9_:-]+$/.test(prefix)) {
    throw new RondoError('RONDO_ARGUMENT_INVALID', `The prefix of keys ${JSON.stringify(prefix)} may hold letters, digits, "-", "_" and ":".`)
  }
  // Only here, not with the lib: a class of ioredis extends String, which makes V8 slower at every string of the thread, so that one that
  // folds takes half as long again (docs/decisions/0006).
  const { Cluster, Redis } = await import('ioredis')
  const scripts = {
    rondoApply: { lua: applyScript(models, keptText(models)) },
    rondoRebuild: { lua: rebuildScript(models) },
    rondoKeep: { lua: keepScript },
    rondoSwitch: { lua: switchScript },
    rondoUnlink: { lua: unlinkScript },
    rondoCleared: { lua: clearedScript },
  }
  const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MS_MAX)
  const options = { connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 1, scripts }
  const client = cluster
    ? new Cluster(url.split(','), { clusterRetryStrategy: retryStrategy, redisOptions: options, scripts })
    : new Redis(url, { ...options, retryStrategy })
  // Without a listener the client writes to the console.
  client.on('error', (cause) => onFailure?.(redisFailure('The connection to Redis is lost', cause)))
  return client as RedisClient
}

/** Failures that a repetition does not end: keys of another program under our prefix, a defect in a script. */
const LASTING = /^(ERR|WRONGTYPE|CROSSSLOT)\b/
/** Failures that an operator ends, in Redis or by another address. Until then the request is repeated, and read models that were read before are served. */
const REFUSED = /\b(NOPERM|NOAUTH|WRONGPASS)\b|\bAUTH <password>/

/** The RondoError for what the client threw. `what` is a clause that names what was not done. */
export function redisFailure(what: string, cause: unknown): RondoError {
  if (cause instanceof RondoError) return cause
  const detail = ((cause instanceof Error && cause.message) || String(cause)).replace(/\.$/, '')
  const isRefused = REFUSED.test(detail)
  const hint = isRefused
    ? 'Redis refuses the user or the password of RONDO_REDIS: correct them there, or the user in Redis, which must be allowed every command on its keys.'
    : 'Check that Redis is up, can be reached and has memory left.'
  return new RondoError('RONDO_MODELS_UNAVAILABLE', `${what}: ${detail}. ${hint}`, { cause, retriable: isRefused || !LASTING.test(detail) })
}
