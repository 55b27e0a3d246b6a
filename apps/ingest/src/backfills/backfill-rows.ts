import { z } from 'zod'
import { type ActivityEvent, activityEventSchema, formatInstant, type Instant, instantOf, type QuarantineRecord, quarantineRecordSchema } from '#contracts'
import { CLOCK_AHEAD_MS_MAX, EVENT_BYTES_MAX, readJson, valueRefusal, zeroTimeDefect } from '#sources'

/** Rows of an import as they came over HTTP; a refused one is null. */
export interface ReadRows {
  readonly rows: readonly (ActivityEvent | null)[]
  readonly rejected: readonly { readonly row: number; readonly code: string; readonly message: string }[]
  readonly quarantine: readonly QuarantineRecord[]
}

/** Why a row is refused. */
interface Refusal {
  readonly code: 'RONDO_ROW_INVALID' | 'RONDO_EVENT_TOO_LARGE' | 'RONDO_EVENT_FROM_FUTURE'
  readonly reason: string
}

/** A row that the importer itself has refused: `{"refused": {code, reason, where, raw}}` in its place. */
const refusedSchema = z.strictObject({ refused: quarantineRecordSchema.omit({ refusedAt: true }) })
const REFUSED_START = '{"refused":'

/** Reads NDJSON of ActivityEvents; the first line is row number `first`. No row may arrive after `until`, which is not after `now`. */
export function readBackfillRows(text: string, first: number, now: Instant, until = now): ReadRows {
  const rejected: ReadRows['rejected'][number][] = []
  const quarantine: QuarantineRecord[] = []
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  const rows = lines.map((line, at) => {
    const refused = line.startsWith(REFUSED_START) ? refusedSchema.safeParse(parse(line)).data?.refused : undefined
    if (refused !== undefined) {
      quarantine.push({ ...refused, raw: refused.raw.slice(0, EVENT_BYTES_MAX), refusedAt: formatInstant(now) })
      return null
    }
    const row = readRow(line, until)
    if (!('reason' in row)) return row
    const number = first + at
    rejected.push({ row: number, code: row.code, message: row.reason })
    quarantine.push({ code: row.code, reason: row.reason, where: `import, row ${number}`, refusedAt: formatInstant(now), raw: line.slice(0, EVENT_BYTES_MAX) })
    return null
  })
  return { rows, rejected, quarantine }
}

function readRow(line: string, until: Instant): ActivityEvent | Refusal {
  if (Buffer.byteLength(line) > EVENT_BYTES_MAX) return { code: 'RONDO_EVENT_TOO_LARGE', reason: `expected at most ${EVENT_BYTES_MAX} bytes` }
  const value = parse(line)
  const parsed = activityEventSchema.safeParse(value)
  if (!parsed.success) return { code: 'RONDO_ROW_INVALID', reason: firstIssue(parsed.error.issues) }
  // Not the parsed copy: in it a property with the name __proto__ is missing.
  const event: ActivityEvent = { ...(value as ActivityEvent), type: parsed.data.type }
  const refusal = valueRefusal(event)
  return refusal === undefined ? limitRow(event, until) : { code: 'RONDO_ROW_INVALID', reason: refusal.reason }
}

/** The event with its times in order and not in the future, or why it is refused: no row may arrive after `until`. */
export function limitRow(event: ActivityEvent, until: Instant): ActivityEvent | Refusal {
  const [time, arrival] = [instantOf(event.time), instantOf(event.receivedAt)]
  const zero = zeroTimeDefect(time)
  if (zero !== undefined) return { code: 'RONDO_ROW_INVALID', reason: `time: ${zero}` }
  if (time > arrival) return { code: 'RONDO_ROW_INVALID', reason: 'time: expected one not after receivedAt' }
  // A row moves log time to its arrival: one from the future would make all live events late. A clock that is a little ahead is corrected.
  if (arrival > until + CLOCK_AHEAD_MS_MAX) return { code: 'RONDO_EVENT_FROM_FUTURE', reason: `receivedAt: expected a time before ${formatInstant(until)}` }
  if (arrival <= until) return { ...event, time: formatInstant(time), receivedAt: formatInstant(arrival) }
  const claimed = time > until ? { claimedTime: event.claimedTime ?? formatInstant(time) } : {}
  return { ...event, ...claimed, time: formatInstant(Math.min(time, until)), receivedAt: formatInstant(until) }
}

function parse(line: string): unknown {
  try {
    return readJson(line)
  } catch {
    return undefined
  }
}

function firstIssue(issues: readonly { readonly path: PropertyKey[]; readonly message: string }[]): string {
  const [issue] = issues
  return issue === undefined || issue.path.length === 0 ? 'expected an activity event as JSON' : `${issue.path.map(String).join('.')}: ${issue.message}`
}
