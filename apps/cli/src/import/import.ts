import type { Instant } from '#contracts'
import type { BackfillStatus } from '#event-log'
import { type Clock, temporaryFolder } from '#runtime'
import { CLOCK_AHEAD_MS_MAX, type RowCounts } from '#sources'
import { refusalReporter } from '../rows/refused-rows.ts'
import { History, type Part } from './history.ts'
import { HistorySurvey } from './history-survey.ts'
import type { ImportPlan } from './import-plan.ts'
import type { ImportProgress } from './import-progress.ts'
import { identifySource } from './import-source.ts'
import type { ImportTarget } from './import-target.ts'

/** What an import has done. */
export interface ImportReport {
  readonly rows: RowCounts
  /** Rows that were refused after they had been read: by their time or size, or by the target. */
  readonly refusedLater: number
  /** The number of rows to import, refused ones included. `before`: how many of them were imported before. */
  readonly all: number
  readonly before: number
  /** Whether this import had been completed before. */
  readonly isRepeated: boolean
  readonly shiftMs: number
  /** The times of the rows, after they were moved; undefined if there are none. */
  readonly span: { readonly first: Instant; readonly last: Instant } | undefined
  /** The log time of the fold when the last row was in the log; as {@link ImportTarget.foldedAt}. */
  readonly foldedAt: Instant | null | undefined
  /** Messages beside the counts. */
  readonly remarks: readonly string[]
}

/** What an import works with: where it writes, its clock, and how it reports. */
export interface ImportSurroundings {
  readonly target: ImportTarget
  readonly clock: Clock
  readonly stop: AbortSignal
  readonly progress: ImportProgress
  /** Called with the number of durable items, which is shown if the user interrupts the import. */
  readonly onDurable: (done: number, all: number) => void
}

/**
 * Reads and sorts a history and sends the rows that the target does not have yet.
 * @throws RondoError the refusal of the target, or a failure to read; durable rows stay
 */
export async function importHistory(plan: ImportPlan, surroundings: ImportSurroundings): Promise<ImportReport> {
  const { target, clock, stop, progress } = surroundings
  using folder = temporaryFolder()
  const settings = { ...plan.rows, actorType: target.actorType, shiftToNow: plan.shiftToNow, allowFuture: plan.allowFuture }
  const source = await identifySource(plan.rows.input, settings, { folder: folder.path, stop })
  const reportRefusal = refusalReporter(plan.rows.input.path, progress)
  const survey = new HistorySurvey(target.cycles)
  const history = new History({
    ...settings,
    ...source,
    // Rows from the future are refused after sorting: a repeated import reads them at a later time, and must give the same numbers to rows.
    latest: plan.allowFuture ? undefined : clock.now() + CLOCK_AHEAD_MS_MAX,
    keepsFutureRows: true,
    folder: folder.path,
    stop,
    onRefused: reportRefusal,
    onRow: (row) => survey.count(row),
  })
  await load(history, progress)
  const now = clock.now()
  const { firstTime = now, count: all, rows } = history
  const wanted = plan.shiftToNow ? now - (rows.lastArrival ?? now) : 0
  if (all === 0)
    return { rows: rows.counts, refusedLater: 0, all, before: 0, isRepeated: false, shiftMs: wanted, span: undefined, foldedAt: undefined, remarks: [] }
  const begun = await target.begin({ source: source.name, firstTime: firstTime + wanted, shiftMs: wanted })
  reportBeginning(begun, all, progress)
  surroundings.onDurable(begun.rows, all)
  const refusedLater = begun.open ? await send(history, begun, { ...surroundings, now, reportRefusal, allowFuture: plan.allowFuture }) : 0
  const { rows: before, shiftMs } = begun
  const span = movedSpan(firstTime, rows.lastArrival, shiftMs)
  const foldedAt = await target.foldedAt()
  return { rows: rows.counts, refusedLater, all, before, isRepeated: !begun.open, shiftMs, span, foldedAt, remarks: survey.messages() }
}

function movedSpan(first: Instant, last: Instant | undefined, shiftMs: number): ImportReport['span'] {
  return last === undefined ? undefined : { first: first + shiftMs, last: last + shiftMs }
}

async function load(history: History, progress: ImportProgress): Promise<void> {
  const reading = setInterval(() => void progress.reading(history.rows.counts.read), 250)
  try {
    await history.load()
  } finally {
    clearInterval(reading)
  }
}

function reportBeginning({ open, rows, source }: BackfillStatus, all: number, progress: ImportProgress): void {
  if (!open)
    progress.print(`${all === 1 ? 'The only row' : `All ${all} rows`} of ${source} ${all === 1 ? 'is' : 'are'} imported already; there is nothing to do.\n`)
  else if (rows > 0) progress.print(`${rows} of ${all} rows of ${source} are imported already; continuing after them.\n`)
}

/** What the sending of rows needs beside {@link ImportSurroundings}. */
interface Sending extends ImportSurroundings {
  readonly now: Instant
  readonly allowFuture: boolean
  readonly reportRefusal: ReturnType<typeof refusalReporter>
}

/** @returns the number of rows that were refused after they had been read */
async function send(
  history: History,
  { id, rows, shiftMs }: BackfillStatus,
  { target, stop, progress, now, allowFuture, reportRefusal, onDurable }: Sending,
): Promise<number> {
  const all = history.count
  let refused = 0
  progress.begin(rows)
  for await (const part of history.parts(rows, { shiftMs, now, allowFuture })) {
    stop.throwIfAborted()
    const refusedItems = await target.put(id, part)
    const refusedNow = [
      ...refusedAfterSorting(part, history.rows.counts.refused),
      ...refusedItems.map(({ at, ...why }) => ({ line: part.items[at]?.line ?? 0, ...why })),
    ]
    refused += refusedNow.length
    for (const row of refusedNow) reportRefusal(row)
    onDurable(part.first + part.items.length, all)
    const length = part.items.reduce((sum, { text }) => sum + text.length, 0)
    await progress.importing(part.first + part.items.length, all, length)
  }
  await target.end(id)
  return refused
}

/**
 * Rows that were refused after sorting, with their line. Items below `refusedWhileReading` were reported when they were read: they are the first
 * items of a history.
 */
function refusedAfterSorting({ first, items }: Part, refusedWhileReading: number) {
  return items.flatMap((item, at) => (first + at >= refusedWhileReading && 'refused' in item ? [{ line: item.line, ...item.refused }] : []))
}
