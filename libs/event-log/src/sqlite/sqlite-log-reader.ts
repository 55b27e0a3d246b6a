import { setImmediate as nextTurn } from 'node:timers/promises'
import { RondoError } from '#contracts'
import { retry } from '#runtime'
import type { LogReader, Ownership } from '../event-log.ts'
import { FrameReader } from './frame-reader.ts'
import type { ReadModelTables } from './read-model-tables.ts'
import { SqliteOwnedPartition } from './sqlite-owned-partition.ts'
import { StateStore } from './state-store.ts'

/** How long to wait after the disk was full. */
const RETRY_MS = 1000

/** After so many commits of one fold, the other work of its thread gets a turn: the folds of other cycles, and one part of a rebuild of read models. */
const STEPS_PER_TURN = 4

/** The log that is read, and the state file of the cycle that is folded. */
interface SqliteLogReaderOptions {
  readonly folder: string
  readonly partitions: number
  /** Its path. */
  readonly stateFile: string
  readonly readModelTables?: ReadModelTables | undefined
  /** Whether records are read with their traces. */
  readonly hasTraces?: boolean | undefined
}

/** Owns all partitions of a data folder that the process has opened, for one cycle; created in the thread that folds, with connections of its own. */
export class SqliteLogReader implements LogReader {
  readonly #partitions: number
  readonly #frames: FrameReader
  readonly #store: StateStore
  readonly #owned: SqliteOwnedPartition[] = []
  #ownership: Ownership | undefined
  readonly #end = new AbortController()
  #rebuilding: Promise<void> = Promise.resolve()
  #rebuildFailure: unknown
  #stepsCommitted = 0

  constructor({ folder, partitions, stateFile, readModelTables, hasTraces }: SqliteLogReaderOptions) {
    this.#partitions = partitions
    this.#frames = new FrameReader(folder, hasTraces)
    this.#store = new StateStore(stateFile, readModelTables)
  }

  async own(ownership: Ownership): Promise<void> {
    this.#ownership = ownership
    for (let partition = 0; partition < this.#partitions; partition++) {
      const epoch = this.#store.fence(partition)
      this.#checkNotAheadOfLog(partition)
      const owned = new SqliteOwnedPartition({ partition, epoch, frames: this.#frames, store: this.#store, afterCommit: () => this.#shareThread() })
      this.#owned.push(owned)
      ownership.assigned(owned)
    }
    this.#rebuilding = this.#rebuildReadModels().catch((failure) => {
      this.#rebuildFailure = failure
    })
  }

  /** The folder of the archive that has the frames which log.db no longer has, and which log this is; undefined if log.db has all. */
  get archive(): { folder: string; log: Readonly<Record<string, string>> } | undefined {
    const { archive: folder, name: log } = this.#frames
    return folder === undefined ? undefined : { folder, log }
  }

  async close(): Promise<void> {
    this.#end.abort()

    for (const owned of this.#owned.splice(0)) {
      owned.end()
      this.#ownership?.revoked(owned.partition)
    }
    await this.#rebuilding.finally(() => {
      this.#frames.close()
      this.#store.close()
    })
  }

  /** Rebuilds read models that a release has changed, part by part, so that other tasks of the thread run between two parts. */
  async #rebuildReadModels(): Promise<void> {
    const { signal } = this.#end
    for (let isMore = true; isMore; ) {
      await nextTurn()
      if (signal.aborted) return
      isMore = (await retry(async () => this.#store.catchUp(), { pauseMs: RETRY_MS, signal })) ?? false
    }
  }

  /** A fold with a backlog waits only for resolved promises, so without this pause no other task of its thread would run. */
  async #shareThread(): Promise<void> {
    // The fold of this cycle ends, and no other work of its thread.
    if (this.#rebuildFailure !== undefined) throw this.#rebuildFailure
    if (++this.#stepsCommitted % STEPS_PER_TURN === 0) await nextTurn()
  }

  #checkNotAheadOfLog(partition: number): void {
    const committed = this.#store.committed(partition)?.offset ?? -1
    const last = this.#frames.last(partition)
    if (committed > last) {
      throw new RondoError(
        'RONDO_DATA_CORRUPT',
        `${this.#store.path} has applied offset ${committed} of partition ${partition}, but log.db beside it ends at ${last}: it has lost records. Restore both from one backup, or start with an empty folder.`,
      )
    }
  }
}
