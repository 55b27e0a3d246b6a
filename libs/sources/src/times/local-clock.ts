import { INSTANT_MIN, type Instant, midnightOf } from '#contracts'

/** Converts local times without an offset to instants. Both methods get a local time as if it were in UTC. */
export interface LocalClock {
  /** The first instant at which the clock showed this; undefined if it never did, because it was set forward. */
  readonly at: (localMs: number) => Instant | undefined
  /** The first instant of the day that begins at this midnight; if the clock skipped that midnight, the first instant after it. */
  readonly startOf: (midnightMs: number) => Instant
}

/** The clock of UTC. */
export const utcClock: LocalClock = { at: (localMs) => localMs, startOf: (midnightMs) => midnightMs }

const DAY_MS = 86_400_000
/** The limit of cached days: some forty years. */
const DAYS_KEPT = 16_384

/** The clock of a time zone, by the time zone data of the runtime. @param timezone an IANA name @throws RangeError if there is no such time zone */
export function localClock(timezone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (format.resolvedOptions().timeZone === 'UTC') return utcClock

  function offsetAt(at: Instant): number {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part
    return (midnightOf(year, month, day) ?? 0) + ((hour * 60 + minute) * 60 + second) * 1000 - Math.floor(at / 1000) * 1000
  }

  const kept = new Map<number, readonly [before: number, after: number]>()
  /** The offsets a day before and a day after a local day; if they are equal, every offset between is the same. */
  function offsetsAround(localMs: number): readonly [before: number, after: number] {
    const day = Math.floor(localMs / DAY_MS)
    const known = kept.get(day)
    if (known !== undefined) return known
    if (kept.size === DAYS_KEPT) kept.clear()
    // Time formats have no year before 1.
    const first = Math.max((day - 1) * DAY_MS, INSTANT_MIN + DAY_MS)
    const around = [offsetAt(first), offsetAt(Math.max((day + 2) * DAY_MS, first))] as const
    kept.set(day, around)
    return around
  }

  function at(localMs: number): Instant | undefined {
    const [before, after] = offsetsAround(localMs)
    if (before === after) return localMs - before
    // If clocks were put back it was shown twice: the larger offset is that of the first time.
    const offsets = before > after ? [before, after] : [after, before]
    const offset = offsets.find((one) => offsetAt(localMs - one) === one)
    return offset === undefined ? undefined : localMs - offset
  }

  function startOf(midnightMs: number): Instant {
    const shown = at(midnightMs)
    if (shown !== undefined) return shown
    const [before, after] = offsetsAround(midnightMs)
    let [low, high] = [midnightMs - Math.max(before, after), midnightMs - Math.min(before, after)]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (offsetAt(middle) === before) low = middle
      else high = middle
    }
    return high
  }

  return { at, startOf }
}
