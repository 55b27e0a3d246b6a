import { formatInstant } from '#contracts'
import { temporaryFolder } from '#runtime'
import { openRows, type RowCounts, type Rows } from '#sources'
import { invalidArgument } from '../failure.ts'
import type { ProgressLine } from '../progress-line.ts'
import { refusalReporter } from '../rows/refused-rows.ts'
import { untilStopped } from '../until-stopped.ts'
import type { ReplayPlan } from './replay-plan.ts'
import { ReplayRun, type RunReport } from './replay-run.ts'

/** Memory for rows; if they need more, they are sorted on disk. */
const SORT_BYTES = 256 * 1024 * 1024

/** What a replay has done with the rows and with their events. */
export interface ReplayReport extends RunReport {
  readonly rows: RowCounts
}

/** How a replay is stopped, and where it shows its progress. */
export interface ReplaySurroundings {
  readonly stop: AbortSignal
  readonly progress: ProgressLine
}

/**
 * Reads, sorts and folds a history as one partition and writes the outputs.
 * @throws RondoError RONDO_ARGUMENT_INVALID if `until` is before the last arrival, before anything is written; and the failures of reading
 *   and writing.
 */
export async function replay(plan: ReplayPlan, { stop, progress }: ReplaySurroundings): Promise<ReplayReport> {
  using folder = temporaryFolder()
  const rows = openRows({ ...plan.rows, sort: { memoryBytes: SORT_BYTES, folder: folder.path }, onRefused: refusalReporter(plan.rows.input.path, progress) })
  const run = new ReplayRun(plan, progress)
  const reading = setInterval(() => void progress.show(() => `${rows.counts.read} rows read`), 250)
  try {
    for await (const batch of untilStopped(rows.batches, stop)) {
      clearInterval(reading)
      // The first batch comes when all rows are read and sorted, so nothing is written yet if the end is too early.
      refuseEarlyEnd(plan, rows)
      await run.foldRows(batch, stop)
    }
    await run.end(stop)
  } finally {
    clearInterval(reading)
  }
  return { ...run.report(), rows: rows.counts }
}

function refuseEarlyEnd({ until }: ReplayPlan, { lastArrival }: Rows): void {
  if (until === undefined || lastArrival === undefined || until >= lastArrival) return
  throw invalidArgument(`--until ${formatInstant(until)} lies before the last arrival, ${formatInstant(lastArrival)}: time does not go back.`)
}
