import type { SourceRow } from '../rows/source-row.ts'
import type { SortFolder } from './sort-folder.ts'

/** Rows in batches. */
type Batches = Iterable<readonly SourceRow[]> | AsyncIterable<readonly SourceRow[]>

/** The order of rows: negative if `a` comes first. */
export type RowComparison = (a: SourceRow, b: SourceRow) => number

/** The number of files that are open at once, each with its buffers. */
const RUNS_MAX = 32
/** The number of rows that the caller gets at once. */
const BATCH_ROWS = 1024

/** A sorted run during the merge: its next row, and its index among the runs, which gives the order of equal rows. */
class Run {
  readonly place: number
  head: SourceRow | undefined
  #batch: readonly SourceRow[] = []
  #at = 0
  readonly #batches: AsyncIterator<readonly SourceRow[]> | Iterator<readonly SourceRow[]>

  constructor(place: number, batches: Batches) {
    this.place = place
    this.#batches = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]()
  }

  /** Moves to the next row of the current batch; false if the next batch must be fetched. */
  step(): boolean {
    this.head = this.#batch[this.#at]
    this.#at += 1
    return this.head !== undefined
  }

  async fetch(): Promise<void> {
    const next = await this.#batches.next()
    this.#batch = next.done === true ? [] : next.value
    this.#at = 0
    if (next.done !== true && !this.step()) await this.fetch()
    if (next.done === true) this.head = undefined
  }

  async close(): Promise<void> {
    await this.#batches.return?.()
  }
}

/** Moves the first run to its place; the others are in order. With few runs this is cheaper than a heap. */
function moveFirst(runs: Run[], compare: RowComparison): void {
  const first = runs[0] as Run
  let at = 1
  for (let next = runs[at]; next !== undefined; next = runs[at]) {
    const order = compare(next.head as SourceRow, first.head as SourceRow) || next.place - first.place
    if (order > 0) break
    runs[at - 1] = next
    at += 1
  }
  runs[at - 1] = first
}

async function* merge(sources: readonly Batches[], compare: RowComparison): AsyncGenerator<readonly SourceRow[]> {
  const all = sources.map((batches, place) => new Run(place, batches))
  try {
    await Promise.all(all.map((run) => run.fetch()))
    const runs = all.filter((run) => run.head !== undefined)
    runs.sort((a, b) => compare(a.head as SourceRow, b.head as SourceRow) || a.place - b.place)
    let batch: SourceRow[] = []
    for (let run = runs[0]; run !== undefined; run = runs[0]) {
      batch.push(run.head as SourceRow)
      if (!run.step()) await run.fetch()
      if (run.head === undefined) runs.shift()
      else moveFirst(runs, compare)
      if (batch.length < BATCH_ROWS) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  } finally {
    await Promise.all(all.map((run) => run.close()))
  }
}

/** Merges the runs of a folder with the last run of the input, which is still in memory. */
export async function* mergeRuns(folder: SortFolder, last: Batches, compare: RowComparison): AsyncGenerator<readonly SourceRow[]> {
  while (folder.runs.length > RUNS_MAX) {
    const first = folder.runs.slice(0, RUNS_MAX).map((path) => folder.read(path))
    await folder.replace(RUNS_MAX, merge(first, compare))
  }
  yield* merge([...folder.runs.map((path) => folder.read(path)), last], compare)
}
