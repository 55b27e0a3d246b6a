import type { StateTables } from '#event-log'
import type { Change } from '../change.ts'

/** What one read model keeps in state.db. */
interface SqliteModel {
  /** The tables and indexes that it consists of, so that those of another version can be deleted. No other model writes to them. */
  readonly objects: readonly string[]
  /** CREATE statements. */
  readonly schema: string
  /** Prepares what applies changes, called inside of a transaction. Absent where SQLite itself keeps the model, as it does an index. */
  prepare?(tables: Pick<StateTables, 'prepare'>): (changes: readonly Change[]) => void
}

/**
 * One read model: a name, a version, and what it keeps in each store. {@link readModels} lists them.
 *
 * Raise the version whenever what is stored, or how an output changes it, is no longer the same. Then this model alone is made again from the
 * feed, beside the work: the others answer as before, and questions to this one are refused with RONDO_MODELS_UNAVAILABLE until it is there.
 */
export interface ReadModel {
  readonly name: string
  readonly version: number
  readonly sqlite: SqliteModel
}

/** How far the rebuild of a model is. */
export interface Rebuild {
  readonly model: string
  readonly version: number
  readonly state: 'started' | 'ready'
}
