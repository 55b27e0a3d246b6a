import { jsonBytesAtMost } from '../rows/bounds.ts'
import type { SourceRow } from '../rows/source-row.ts'
import { mergeRuns, type RowComparison } from './merge.ts'
import { SortFolder } from './sort-folder.ts'

/** The time by which rows are sorted: happened, or arrived. Ties stay in the order of the input. */
export type RowOrder = 'time' | 'arrival'

export interface SortSpace {
  /** About how much memory the rows may use before they are written to disk. */
  readonly memoryBytes: number
  /** The folder for sorted runs, in a folder of their own. */
  readonly folder: string
}

const comparisons: Record<RowOrder, RowComparison> = {
  time: (a, b) => a.time - b.time,
  arrival: (a, b) => a.arrival - b.arrival,
}

const BATCH_ROWS = 1024
/** What a row takes without its properties, traits and context, rounded up: rows of CDNOW with two properties were measured at 280 bytes, all in (Node 24). */
const ROW_BYTES = 256

function bytesOf(row: SourceRow): number {
  const objectsBytes = row.properties === undefined && row.traits === undefined && row.context === undefined ? 0 : objectBytes(row)
  return ROW_BYTES + row.id.length + row.actorId.length + objectsBytes
}

// Parsed JSON takes a few times the room of its text; the bound is already up to six times the text.
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
