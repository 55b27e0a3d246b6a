import type { Output } from '#contracts'
import type { StateTables } from '#event-log'
import type { Change } from '../change.ts'
import type { KeyNames } from '../redis/model-keys.ts'

/** What one read model stores in state.db. */
interface SqliteModel {
  /** The tables and indexes of this version, which are deleted when the version changes. No other model writes to them. */
  readonly objects: readonly string[]
  /** CREATE statements. */
  readonly schema: string
  /** Prepares the function that applies changes, called inside a transaction. Absent if SQLite itself maintains the model, like an index. */
  prepare?(tables: Pick<StateTables, 'prepare'>): (changes: readonly Change[]) => void
}

/** What one read model stores in Redis, for each partition. */
interface RedisModel {
  /** The keys that any batch can change; their number is fixed. The given names belong to this version alone. */
  keysIn(key: KeyNames): readonly string[]
  /** What the script also needs of each output: the key that it changes in this model, and `args` texts after it. */
  readonly ofOutput?: {
    readonly args: number
    of(output: Output, key: KeyNames): readonly [key: string, ...args: string[]]
  }
  /**
   * Lua that applies changes. It is given `keys`; `changes`, in order, each with `actor`, `kind` (of the output), `before` and `after` (nil or
   * `stage`, `since`), `counted` (nil, or the kind of the transition that counts from now on or no more, then with its `from` and `to`) and `by`, as
   * a {@link Change} has them; and `ofOutput(i)`, which gives what
   * {@link ofOutput} gave for the change i; and the locals `call` (that of Redis), `insert` and `unpack`. It must not fail: what was written
   * before it is not rolled back. One command takes at most two arguments for each change, or Lua may have no room for them.
   */
  readonly change: string
}

/**
 * One read model: a name, a version, and what it keeps in each store. {@link readModels} lists them.
 *
 * Raise the version whenever what is stored, or how an output changes it, is no longer the same. In both stores this model alone is
 * then rebuilt from the feed, beside the work: the others answer as before, and questions to this one are refused with
 * RONDO_MODELS_UNAVAILABLE until it is there.
 */
export interface ReadModel {
  readonly name: string
  readonly version: number
  readonly sqlite: SqliteModel
  readonly redis: RedisModel
}

/** The state of the rebuild of a model. */
export interface Rebuild {
  readonly model: string
  readonly version: number
  /** `stopped`: another release keeps the model now. */
  readonly state: 'started' | 'running' | 'ready' | 'stopped'
  /** How much of the feed it has been built from, while it is running. */
  readonly percent?: number
}
