import type { Cluster, Redis } from 'ioredis'
import { RondoError } from '#contracts'
import { type RedisServerSettings, redisAddresses, redisDetail, redisLogin, redisRefusal } from '#runtime'
import type { ReadModel } from '../models/read-model.ts'
import { applyScript } from './apply-script.ts'
import { clearedScript, keepScript, switchScript, unlinkScript } from './keeping-scripts.ts'
import { keptText } from './kept-models.ts'
import { rebuildScript } from './rebuild-script.ts'

/** The Redis of the read models. */
export interface RedisSettings extends RedisServerSettings {
  /** The beginning of every key: letters, digits, `-`, `_` and `:`. Cycles that share a Redis need different prefixes. */
  readonly prefix: string
  /** A command without an answer fails after this time. */
  readonly timeoutMs?: number
  /** Called when the connection is lost or cannot be made. The client tries to connect again without end. */
  readonly onFailure?: (failure: RondoError) => void
  /** Called when a connection can be used. */
  readonly onReady?: () => void
}

/** How long a command waits for its answer. */
const TIMEOUT_MS = 5000
/** The longest pause between two attempts to connect, and so how late a Redis that is back is found. */
const RECONNECT_MS_MAX = 2000

/** The scripts as commands. The first argument is the number of keys; the keys and the other arguments follow. */
interface Scripts {
  rondoApply(keys: number, ...args: string[]): Promise<string[]>
  rondoRebuild(keys: number, ...args: string[]): Promise<null>
  rondoKeep(keys: number, ...args: string[]): Promise<string>
  rondoSwitch(keys: number, ...args: string[]): Promise<number>
  rondoUnlink(keys: number, ...args: string[]): Promise<number>
  rondoCleared(keys: number, ...args: string[]): Promise<null>
}
/** One node of Redis, with the scripts. */
export type RedisNode = Redis & Scripts
/** A Redis or a Redis Cluster, with the scripts. */
export type RedisClient = RedisNode | (Cluster & Scripts)

/**
 * Connects, and connects again after each loss. A command that waits for a connection fails when the next attempt to connect has failed.
 * @param models the models that the scripts update and rebuild
 * @throws RondoError RONDO_ARGUMENT_INVALID if the prefix contains other characters
 */
export async function connectRedis(settings: RedisSettings, models: readonly ReadModel[]): Promise<RedisClient> {
  const { url, cluster, prefix, timeoutMs = TIMEOUT_MS, onFailure, onReady } = settings
  if (!/^[A-Za-z0-9_:-]+$/.test(prefix)) {
    throw new RondoError('RONDO_ARGUMENT_INVALID', `The prefix of keys ${JSON.stringify(prefix)} may hold letters, digits, "-", "_" and ":".`)
  }
  // Loaded only when it is needed: a class of ioredis extends String, which makes every string of the thread slower in V8. A thread that
  // folds would take half as much time again (docs/decisions/0006).
  const { Cluster, Redis } = await import('ioredis')
  const scripts = {
    rondoApply: { lua: applyScript(models, keptText(models)) },
    rondoRebuild: { lua: rebuildScript(models) },
    rondoKeep: { lua: keepScript },
    rondoSwitch: { lua: switchScript },
    rondoUnlink: { lua: unlinkScript },
    rondoCleared: { lua: clearedScript },
  }
  const addresses = redisAddresses(url)
  const login = redisLogin(settings, (failure) => onFailure?.(failure as RondoError))
  const pauseMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MS_MAX)
  const options = { connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 1, scripts }
  const client = cluster
    ? new Cluster(addresses, { clusterRetryStrategy: pauseMs, redisOptions: Object.assign(login, options), scripts, ...nodeNames(login) })
    : new Redis(addresses[0], {
        ...options,
        ...login,
        retryStrategy: (attempt) => {
          Object.assign((client as Redis).options, login)
          return pauseMs(attempt)
        },
      })
  client.on('ready', () => onReady?.())
  // Without a listener the client writes to the console.
  client.on('error', (cause) => onFailure?.(redisFailure('The connection to Redis is lost', cause)))
  return client as RedisClient
}

/** With TLS the names of nodes must not be replaced by their addresses, since certificates are for names. */
function nodeNames({ tls }: { readonly tls?: object }) {
  return tls === undefined ? {} : { dnsLookup: (name: string, done: (failure: null, address: string) => void) => done(null, name) }
}

/** Failures that come again at each attempt: another program has keys under this prefix, or a script has a defect. */
const NOT_RETRIABLE = /^(ERR|WRONGTYPE|CROSSSLOT)\b/
/** The RondoError for what the client threw. `what` is a clause that names what was not done. */
export function redisFailure(what: string, cause: unknown): RondoError {
  if (cause instanceof RondoError) return cause
  const refusal = redisRefusal(what, cause)
  if (refusal !== undefined) return refusal
  const detail = redisDetail(cause)
  const hint = 'Check that Redis is up, can be reached and has memory left.'
  return new RondoError('RONDO_MODELS_UNAVAILABLE', `${what}: ${detail}. ${hint}`, { cause, retriable: !NOT_RETRIABLE.test(detail) })
}
