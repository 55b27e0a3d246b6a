import type { Output } from '#contracts'
import type { StateTables } from '#event-log'
import type { Change } from '../change.ts'
import type { KeyNames } from '../redis/model-keys.ts'

/** The part of a read model for state.db. */
interface SqliteModel {
  /** The tables and indexes of this version, which are deleted when the version changes. No other model writes to them. */
  readonly objects: readonly string[]
  /** CREATE statements. */
  readonly schema: string
  /** Prepares the function that applies changes, called inside a transaction. Absent if SQLite itself maintains the model, like an index. */
  prepare?(tables: Pick<StateTables, 'prepare'>): (changes: readonly Change[]) => void
}

/** The part of a read model for Redis. Each partition has its own keys. */
interface RedisModel {
  /** The keys that any batch can change; their number is fixed. The given names belong to this version alone. */
  keysIn(key: KeyNames): readonly string[]
  /** Additional arguments of the script for each output: the key that the output changes in this model, and `args` texts. */
  readonly ofOutput?: {
    readonly args: number
    of(output: Output, key: KeyNames): readonly [key: string, ...args: string[]]
  }
  /**
   * Lua that applies changes. It can use these variables:
   * - `keys`: the keys of {@link keysIn};
   * - `changes`, in order. Each has the fields of a {@link Change}: `actor`, `kind` (of the output), `before` and `after` (nil, or a table with
   *   `stage` and `since`), `by`, and `counted` (nil, or the kind of the transition that takes effect or is retracted; `from` and `to` are its stages);
   * - `ofOutput(i)`: the result of {@link ofOutput} for change number i;
   * - `call` (`redis.call`), `insert` and `unpack`.
   *
   * It must not fail: Redis does not roll back earlier writes. One command may take at most two arguments for each change, since the stack of Lua is limited.
   */
  readonly change: string
}

/**
 * One read model: a name, a version, and what it keeps in each store. {@link readModels} lists them.
 *
 * Raise the version whenever the stored data, or their change by an output, becomes different. In both stores this model alone is
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
  /** `stopped`: another release keeps the model now, or the process ends. */
  readonly state: 'started' | 'running' | 'ready' | 'stopped'
  /** The percentage of the feed from which the model has been built; only in the state `running`. */
  readonly percent?: number
}
