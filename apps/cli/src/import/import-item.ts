import { type ActivityEvent, INSTANT_MIN, type Instant, type QuarantineRecord } from '#contracts'
import { CLOCK_AHEAD_MS_MAX, EVENT_BYTES_MAX, fromFuture, type RefusedRow, type SourceRow, toActivityEvent } from '#sources'

/** An item of an import: an event, or the record of a refused row for quarantine. */
export type ImportItem =
  | { readonly line: number; readonly event: ActivityEvent; readonly text: string }
  | { readonly line: number; readonly refused: Omit<QuarantineRecord, 'refusedAt'>; readonly text: string }

/** A UTF-16 code unit takes at most three bytes of UTF-8, so a short text needs no count of its bytes. */
const UTF8_BYTES_MAX = 3

/** What all items of one import have in common. */
export interface ItemSetting {
  /** The input's name. */
  readonly input: string
  /** The amount by which all times are moved. */
  readonly shiftMs: number
  readonly now: Instant
  /** Accepts rows that are in the future before they are moved. */
  readonly allowFuture: boolean
}

/** A refused row, in the form that the server's import accepts for refused rows. */
export function refusedItem({ line, code, reason, raw }: RefusedRow, input: string): ImportItem {
  const refused = { code, reason, where: `${input}, line ${line}`, raw }
  return { line, refused, text: JSON.stringify({ refused }) }
}

/** The item of a row, with its times moved. The row is refused if it is too large for the log, or if it is in the future. */
export function itemOf(row: SourceRow, { input, shiftMs, now, allowFuture }: ItemSetting): ImportItem {
  const { line, claimedTime } = row
  const [time, arrival] = [row.time + shiftMs, row.arrival + shiftMs]
  const isBeforeYearOne = time < INSTANT_MIN
  const event = toActivityEvent({
    ...row,
    time: isBeforeYearOne ? row.time : time,
    arrival,
    claimedTime: claimedTime === undefined ? undefined : claimedTime + shiftMs,
  })
  const text = JSON.stringify(event)
  const refuse = (code: RefusedRow['code'], reason: string): ImportItem => refusedItem({ line, code, reason, raw: text.slice(0, EVENT_BYTES_MAX) }, input)
  if (isBeforeYearOne) return refuse('RONDO_ROW_INVALID', 'expected a time after the beginning of year 1 when it is moved')
  const latest = now + CLOCK_AHEAD_MS_MAX
  if (arrival > latest || (row.arrival > latest && !allowFuture)) {
    const { code, reason } = fromFuture(row.arrival, latest, '--shift-to-now --allow-future')
    return refuse(code, reason)
  }
  if (text.length * UTF8_BYTES_MAX > EVENT_BYTES_MAX && Buffer.byteLength(text) > EVENT_BYTES_MAX) {
    return refuse('RONDO_EVENT_TOO_LARGE', `expected at most ${EVENT_BYTES_MAX} bytes as an event`)
  }
  return { line, event, text }
}
