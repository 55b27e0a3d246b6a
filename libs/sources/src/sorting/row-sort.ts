import { jsonBytesAtMost } from '../rows/bounds.ts'
import type { SourceRow } from '../rows/source-row.ts'
import { mergeRuns, type RowComparison } from './merge.ts'
import { SortFolder } from './sort-folder.ts'

/** The field by which rows are sorted. Rows with equal values stay in the order of the input. */
export type RowOrder = 'time' | 'arrival'

/** The memory and the disk that sorting may use. */
export interface SortSpace {
  /** The approximate limit of memory for the rows; above it they are written to disk. */
  readonly memoryBytes: number
  /** The folder in which a temporary folder for the sorted runs is made. */
  readonly folder: string
}

const comparisons: Record<RowOrder, RowComparison> = {
  time: (a, b) => a.time - b.time,
  arrival: (a, b) => a.arrival - b.arrival,
}

/** The number of rows that the caller gets at once. */
const BATCH_ROWS = 1024
/** The memory of a row without its properties, traits and context, rounded up. Rows of CDNOW with two properties took 280 bytes in total (Node 24). */
const ROW_BYTES = 256

function bytesOf(row: SourceRow): number {
  const objectsBytes = row.properties === undefined && row.traits === undefined && row.context === undefined ? 0 : objectBytes(row)
  return ROW_BYTES + row.id.length + row.actorId.length + objectsBytes
}

// Parsed JSON needs a few times the memory of its text. The upper limit that is used here is up to six times the text.
const objectBytes = (row: SourceRow): number => jsonBytesAtMost(row.properties) + jsonBytesAtMost(row.traits) + jsonBytesAtMost(row.context)

function* inBatches(rows: readonly SourceRow[]): Generator<readonly SourceRow[]> {
  for (let at = 0; at < rows.length; at += BATCH_ROWS) yield rows.slice(at, at + BATCH_ROWS)
}

/**
 * Sorts rows in limited memory: rows that do not fit are written to disk in sorted runs, which are then merged. The order is the same either
 * way. The files are deleted when the result was read, when its reader stops early, and on failure.
 * @throws RondoError RONDO_DATA_FULL if the runs do not fit on the disk.
 */
export async function* sortRows(batches: AsyncIterable<readonly SourceRow[]>, order: RowOrder, space: SortSpace): AsyncGenerator<readonly SourceRow[]> {
  const compare = comparisons[order]
  const folder = new SortFolder(space.folder)
  try {
    let rows: SourceRow[] = []
    let bytes = 0
    for await (const batch of batches) {
      for (const row of batch) {
        rows.push(row)
        bytes += bytesOf(row)
      }
      if (bytes <= space.memoryBytes) continue
      await folder.write(inBatches(rows.sort(compare)))
      rows = []
      bytes = 0
    }
    rows.sort(compare)
    if (folder.runs.length === 0) yield* inBatches(rows)
    else yield* mergeRuns(folder, inBatches(rows), compare)
  } finally {
    await folder.remove()
  }
}
