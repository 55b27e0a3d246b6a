import type { DatabaseSync } from 'node:sqlite'
import type { FrameTraces } from '../event-log.ts'

/** How many offsets behind the newest traced frame traces are kept. A fold that is further behind makes no spans. */
const KEPT_OFFSETS = 4_096

/**
 * Which traced requests have events in which frames: a table of log.db beside the frames, because no outcome depends on it. It belongs to no version of
 * the file: an older release does not read it, and a folder of an older release gets it when it is opened. Its rows are the newest ones only, so that a rebuild from the
 * log's beginning makes no spans for requests of long ago.
 */
export class TraceTable {
  static readonly schema = `CREATE TABLE IF NOT EXISTS frame_traces (
    partition INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    traces TEXT NOT NULL,
    PRIMARY KEY (partition, "offset")
  ) STRICT, WITHOUT ROWID`

  readonly #put
  readonly #trim

  /** @param db a connection that writes; the table is created if it is missing */
  constructor(db: DatabaseSync) {
    db.exec(TraceTable.schema)
    this.#put = db.prepare('INSERT INTO frame_traces VALUES (?, ?, ?)')
    this.#trim = db.prepare('DELETE FROM frame_traces WHERE partition = ? AND "offset" < ?')
  }

  /** Inside the transaction of the frames, of which the first has the offset `first`. */
  add(partition: number, first: number, frames: FrameTraces | undefined): void {
    if (frames === undefined) return
    for (const [at, traces] of frames.entries()) if (traces !== undefined) this.#put.run(partition, first + at, traces.join(' '))
    this.#trim.run(partition, first - KEPT_OFFSETS)
  }
}

/** Reads a {@link TraceTable} through a connection that only reads. */
export class TraceReader {
  readonly #select

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('SELECT "offset", traces FROM frame_traces WHERE partition = ? AND "offset" BETWEEN ? AND ?')
  }

  /** The traces of the frames in a range of offsets, by offset. */
  read(partition: number, from: number, to: number): ReadonlyMap<number, readonly string[]> {
    return new Map(this.#select.all(partition, from, to).map(({ offset, traces }) => [Number(offset), String(traces).split(' ')]))
  }
}
