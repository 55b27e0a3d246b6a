import { formatInstant, INSTANT_MAX, type Instant } from '#contracts'
import type { LogRecord } from '#event-log'
import type { Entry } from './entries.ts'

const DAY_MS = 86_400_000
/** The day of records before the first one with a time. */
const NO_DAY = '1970-01-01'

/**
 * Which day of UTC each record of a partition belongs to: that of its append; if the log keeps no append times, that of the newest arrival or
 * control record in it. Where the clock went back, it is the day of the record before: so the records of a day are one range of offsets.
 */
export class ArchiveDay {
  #day: string

  /** @param day the day of the record before the first one that is asked for */
  constructor(day: string = NO_DAY) {
    this.#day = day
  }

  /** The day of the next record. */
  of({ appendedAt }: Pick<LogRecord, 'appendedAt'>, entries: readonly Entry[]): string {
    const at = appendedAt ?? newestOf(entries)
    if (at >= 0 && at <= INSTANT_MAX) {
      const day = dayAt(at)
      if (day > this.#day) this.#day = day
    }
    return this.#day
  }
}

/** The day of UTC, such as 2026-11-29. */
export function dayAt(at: Instant): string {
  return formatInstant(Math.floor(at / DAY_MS) * DAY_MS).slice(0, 10)
}

function newestOf(entries: readonly Entry[]): Instant {
  let newest = Number.NEGATIVE_INFINITY
  for (const { kind, time, receivedAt } of entries) newest = Math.max(newest, (kind === 'event' ? receivedAt : time) ?? newest)
  return newest
}
