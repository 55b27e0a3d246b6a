import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { EventCompactor } from '../events/event-compactor.ts'
import { type Disposition, dispositions } from '../events/fold-event.ts'
import type { PathCounts } from '../remarks/path-counts.ts'
import type { Remarks } from '../remarks/remarks.ts'
import { ActorStore } from './actor-store.ts'
import { BucketCodec } from './bucket-codec.ts'
import { Journals } from './journals.ts'
import { LogTime } from './log-time.ts'

/** Settings of the memory of a state; none changes an outcome. */
export interface StateOptions {
  /** Makes hash collisions unpredictable; changes no outcome. */
  readonly seed?: number
  /** The size of the chunks in which the record log is allocated and released, a power of 2; changes no outcome. */
  readonly chunkBytes?: number
}

/**
 * All data of the fold for one partition: its actors, log time, journals, counts and remarks. Several folds use it one after the other:
 * first the fold that restores it, then the one that continues.
 */
export class PartitionState {
  readonly store: ActorStore
  readonly time = new LogTime()
  readonly journals: Journals
  readonly compactor: EventCompactor
  readonly counts = Object.fromEntries(dispositions.map((name) => [name, 0])) as Record<Disposition, number>
  readonly #buckets: BucketCodec

  constructor(cycle: CompiledCycle, { seed = 0, chunkBytes }: StateOptions = {}) {
    this.store = new ActorStore(cycle, { seed, chunkBytes })
    this.journals = new Journals(cycle, this.store)
    this.compactor = new EventCompactor(cycle)
    this.#buckets = new BucketCodec(cycle, this.store, this.journals)
  }

  /** What people should know about the events. */
  get remarks(): Remarks {
    return this.compactor.remarks
  }

  get paths(): PathCounts {
    return this.compactor.paths
  }

  /** The number of actors. */
  get actors(): number {
    return this.store.table.size
  }

  /** No deadline is due before this time; plus infinity if there are no deadlines. */
  get dueAt(): number {
    return this.store.due.key
  }

  /** The bucket of an actor. */
  bucketOf(actorId: string): number {
    return this.store.table.bucketOf(actorId)
  }

  /** The packed states of a bucket of actors. */
  saveBucket(bucket: number): Uint8Array {
    return this.#buckets.write(bucket, this.time.now)
  }

  /** Adds the actors of a saved bucket. The state must hold none of them. */
  loadBucket(bytes: Uint8Array): void {
    this.#buckets.read(bytes)
  }
}
