import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { type ActivityEvent, formatInstant } from '#contracts'
import type { LogRecord } from './oracle.ts'

const DATA = new URL('../fixtures/data/', import.meta.url)

/** How often actors went away and came back, counted by another program. */
type AbsenceCounts = { disengagements: number; re_engagements: number; open_at_end: number }
/** The counts of a data set, for several lengths of absence. */
type Reference = {
  absence_rule: Record<string, { users: number; events: number; end: string; rule: Record<string, AbsenceCounts> }>
  lifecycle_periods: Record<string, { rows: [month: string, new: number, returning: number, resurrecting: number, dormant: number][] }>
}

/** Counts from another program (test/fixtures/data/README.md): disengaged after more than N days of silence, re-engaged by the next event. */
export const { absence_rule: reference, lifecycle_periods: lifecycleReference } = JSON.parse(
  readFileSync(new URL('reference_open.json', DATA), 'utf8'),
) as Reference

/** An event of a data set. */
export type Visit = { actor: string; at: number }

/** The purchases of the CD shop. */
export function cdnowPurchases(): Visit[] {
  return rowsOf('cdnow_master.csv.gz').map((row) => ({ actor: row['customer_id'] ?? '', at: Date.parse(`${row['date']}T00:00:00Z`) }))
}

/** The contributions of people to beets. */
export function beetsContributions(): Visit[] {
  return rowsOf('beets_contributions.csv.gz')
    .filter((row) => row['bot'] === '0')
    .map((row) => ({ actor: row['actor'] ?? '', at: Number(row['ts']) * 1000 }))
}

function rowsOf(file: string): Record<string, string>[] {
  return parse(gunzipSync(readFileSync(new URL(file, DATA))), { columns: true })
}

/** The log of a backfill in order of time and a tick at its end. The ids are the positions of the rows, so equal rows have different ids. */
export function replayLog(visits: readonly Visit[], until: string): LogRecord[] {
  const [writer, time] = ['replay', until]
  const events = visits
    .toSorted((a, b) => a.at - b.at)
    .map(({ actor, at }, position): ActivityEvent => {
      const instant = formatInstant(at)
      return { id: String(position).padStart(8, '0'), type: 'track', event: 'Visit', actor: { type: 'user', id: actor }, time: instant, receivedAt: instant }
    })
  return [
    { record: 'backfill.begin', writer, time },
    ...events,
    { record: 'backfill.end', writer, time },
    { record: 'writer.open', writer, time },
    { record: 'tick', writer, time },
  ]
}
