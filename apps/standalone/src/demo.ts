import { join } from 'node:path'
import { type ActivityEvent, formatInstant } from '#contracts'
import type { ActivityLog, Backfill, BackfillStatus } from '#event-log'
import type { Clock } from '#runtime'
import { openRows, type SourceRow, toActivityEvent } from '#sources'

const SOURCE = 'the purchases that come with Rondo'
/** More than the purchases need, so that they are sorted in memory. */
const SORT_BYTES = 256 * 1024 * 1024

/** Where the demo data come from, and into which log they go. */
export interface DemoOptions {
  readonly log: ActivityLog
  readonly backfill: Backfill
  readonly clock: Clock
  /** The folder of cdnow_master.csv.gz. */
  readonly data: string
  /** Stops the import. The next start continues it. */
  readonly signal: AbortSignal
}

/** Whether the folder is empty, or an earlier process ended before it had imported all purchases. */
export function wantsDemo({ log, backfill }: DemoOptions): boolean {
  const { arrival, logTime, ended } = log.state
  const current = backfill.current()
  return current === undefined ? arrival === null && logTime === null && ended === null : current.source === SOURCE
}

/**
 * Begins the import before anything else moves log time; the rows themselves may be written while the server answers.
 * @returns a function that writes the rows and resolves with their number, or with undefined if the signal stopped it
 */
export async function beginDemo(options: DemoOptions): Promise<() => Promise<number | undefined>> {
  const rows = readPurchases(options.data)
  const batches = rows.batches[Symbol.asyncIterator]()
  const first = await batches.next()
  const [oldest] = first.done === true ? [] : first.value
  const shiftMs = options.clock.now() - (rows.lastArrival ?? 0)
  const status = await options.backfill.begin({ source: SOURCE, firstTime: (oldest?.time ?? 0) + shiftMs, shiftMs })
  return async () => {
    let next = await put(options.backfill, status, 0, first.done === true ? [] : first.value)
    for (let batch = await batches.next(); batch.done !== true; batch = await batches.next()) {
      if (options.signal.aborted) return undefined
      next = await put(options.backfill, status, next, batch.value)
    }
    await options.backfill.end(status.id)
    return next
  }
}

function readPurchases(folder: string) {
  return openRows({
    input: { path: join(folder, 'cdnow_master.csv.gz') },
    csv: { actor: 'customer_id', time: 'date', event: 'Order Completed', properties: ['cds', 'dollars'] },
    idPrefix: 'cd-',
    // The purchases fit into memory, so the folder is not used.
    sort: { memoryBytes: SORT_BYTES, folder },
  })
}

async function put(backfill: Backfill, { id, shiftMs, rows: durable }: BackfillStatus, first: number, batch: readonly SourceRow[]): Promise<number> {
  const next = first + batch.length
  if (next > durable) await backfill.put(id, { first, rows: batch.map((row) => shifted(row, shiftMs)) })
  return next
}

function shifted(row: SourceRow, shiftMs: number): ActivityEvent {
  return toActivityEvent({ ...row, time: row.time + shiftMs, arrival: row.arrival + shiftMs }, formatInstant(row.arrival + shiftMs))
}
