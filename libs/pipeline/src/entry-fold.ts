import type { Cursor, Instant, Position } from '#contracts'
import type { FoldProgress, PartitionFold } from '#cycle'
import type { Entry } from './decode-frame.ts'

/** Where an entry is in the log of its partition. */
export type EntryPosition = Pick<Position, 'offset' | 'index'>

/** The fold of one partition, entry by entry. It counts each entry for the checkpoints, which hand it out (`Checkpoints.fold`). */
export class EntryFold {
  readonly #fold: PartitionFold
  readonly #count: (appendedAt: Instant | undefined) => void
  #at: EntryPosition = { offset: 0, index: 0 }

  constructor(fold: PartitionFold, count: (appendedAt: Instant | undefined) => void) {
    this.#fold = fold
    this.#count = count
  }

  /** The position of the entry that was applied last. */
  get at(): EntryPosition {
    return this.#at
  }

  /** The last deadline that fired after the newest entry: see `PartitionFold.cursor`. */
  get cursor(): Cursor | null {
    return this.#fold.cursor
  }

  /** The grace period of the definition. */
  get graceMs(): number {
    return this.#fold.cycle.graceMs
  }

  /** Applies an entry as `PartitionFold.apply` does; a poisoned one changes nothing, and counts. */
  apply(at: EntryPosition, entry: Entry, { budget, appendedAt }: { budget: number; appendedAt?: Instant | undefined }): FoldProgress {
    this.#at = at
    this.#count(appendedAt)
    if (entry.kind === 'poison') return 'done'
    return this.#fold.apply(entry.kind === 'event' ? entry.event : entry.record, budget)
  }

  /** Fires deadlines that are due: see `PartitionFold.fire`. */
  fire(budget?: number, through?: Cursor): FoldProgress {
    return this.#fold.fire(budget, through)
  }
}
