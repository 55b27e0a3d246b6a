import type { Instant } from '#contracts'

/** The length of a day without a change of clocks. */
export const DAY_MS = 86_400_000
const PARTS = { era: 'short', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const
/** Zones whose offset never changes, as Intl names them. */
const FIXED_ZONE = /^(?:UTC|GMT|Etc\/.*|[+-]\d.*)$/

/** A part of a year in which the offset of the zone does not change, from `from` (included) to `to` (not included). */
interface Segment {
  readonly from: Instant
  readonly to: Instant
  readonly offset: number
  /** The last day before the segment: when clocks go back across midnight, local time is on the day before that again. */
  readonly dayBefore: number
}

/** What has been looked up of a zone. All instances for the zone share it, because a process has one version of the time zone data. */
interface Zone {
  /** The canonical name. */
  readonly name: string
  readonly format: Intl.DateTimeFormat
  readonly years: Map<number, readonly Segment[]>
}

const zones = new Map<string, Zone>()

/**
 * Local calendar days of one time zone (rule 19), numbered from 1970-01-01. Offsets come from the time zone data of the runtime; the changes
 * of a year are looked up once.
 */
export class LocalDays {
  /** The zone; undefined for zones whose offset never changes by definition: UTC, zones of Etc, and offsets such as +05:30. */
  readonly changingZone: string | undefined
  /** Undefined for UTC. */
  readonly #zone: Zone | undefined
  /** The segment that was used last: most instants are in the segment of the one before. */
  #last: Segment = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY, offset: 0, dayBefore: 0 }

  /** @param timezone an IANA name; throws a RangeError for an unknown name */
  constructor(timezone: string) {
    const zone = zoneOf(timezone)
    if (zone.name !== 'UTC') this.#zone = zone
    this.changingZone = FIXED_ZONE.test(zone.name) ? undefined : timezone
  }

  /** The number of the local day of an instant. It never falls, also when clocks go back across midnight. */
  dayOf(at: Instant): number {
    if (this.#zone === undefined) return Math.floor(at / DAY_MS)
    const segment = this.#segment(at)
    return Math.max(Math.floor((at + segment.offset) / DAY_MS), segment.dayBefore)
  }

  /** The first instant of a local day; of the next day if the zone skipped it. */
  startOf(day: number): Instant {
    const midnight = day * DAY_MS
    if (this.#zone === undefined) return midnight
    // Every offset is well below 26 hours, so the day begins in this range.
    const [low, high] = [midnight - 26 * 3_600_000, midnight + 26 * 3_600_000]
    // The day begins at midnight by one of the offsets, or at a change of offset that skips midnight.
    let start = high
    for (let at = low; at < high; ) {
      const segment = this.#segment(at)
      const first = Math.max(midnight - segment.offset, segment.from, low)
      if (first < segment.to) start = Math.min(start, first)
      at = segment.to
    }
    return start
  }

  /** The offset of local time from UTC, in milliseconds. */
  offset(at: Instant): number {
    return this.#zone === undefined ? 0 : this.#segment(at).offset
  }

  #segment(at: Instant): Segment {
    if (at >= this.#last.from && at < this.#last.to) return this.#last
    const year = new Date(at).getUTCFullYear()
    const { format, years } = this.#zone as Zone
    let segments = years.get(year)
    if (segments === undefined) {
      segments = segmentsOf(year, format)
      years.set(year, segments)
    }
    this.#last = segments.find((segment) => at < segment.to) as Segment
    return this.#last
  }
}

function zoneOf(timezone: string): Zone {
  let zone = zones.get(timezone)
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, hourCycle: 'h23', ...PARTS })
    zone = { name: format.resolvedOptions().timeZone, format, years: new Map() }
    zones.set(timezone, zone)
  }
  return zone
}

/** The parts of a year, in each of which the offset does not change. */
function segmentsOf(year: number, format: Intl.DateTimeFormat): readonly Segment[] {
  const [begin, end] = [beginOf(year), beginOf(year + 1)]
  const segments: Segment[] = []
  let [from, offset] = [begin, lookUp(begin, format)]
  let before = offset
  const close = (to: Instant): void => {
    segments.push({ from, to, offset, dayBefore: Math.floor((from - 1 + before) / DAY_MS) })
    before = offset
    from = to
  }
  for (let at = begin; at < end; at += DAY_MS) {
    const next = Math.min(at + DAY_MS, end)
    const nextOffset = lookUp(next, format)
    if (nextOffset === offset) continue
    close(changeBetween(at, next, (middle) => lookUp(middle, format) !== offset))
    offset = nextOffset
  }
  if (from < end) close(end)
  return segments
}

/** The first instant with the new offset. */
function changeBetween(before: Instant, after: Instant, hasChanged: (at: Instant) => boolean): Instant {
  let [low, high] = [before, after]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (hasChanged(middle)) high = middle
    else low = middle
  }
  return high
}

/** The offset at an instant. */
function lookUp(at: Instant, format: Intl.DateTimeFormat): number {
  const { year, month, day, hour, minute, second } = wallClock(format, at)
  return beginOf(year) + Date.UTC(2000 + (year % 400), month - 1, day, hour, minute, second) - Date.UTC(2000 + (year % 400), 0) - Math.floor(at / 1000) * 1000
}

/** The fields of local time. West of Greenwich the first instants of year 1 are in year 0, which Intl gives as 1 BC. */
function wallClock(format: Intl.DateTimeFormat, at: Instant) {
  const clock = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
  let isBeforeChrist = false
  for (const { type, value } of format.formatToParts(at)) {
    if (type === 'era') isBeforeChrist = value.startsWith('B')
    else if (type in clock) clock[type as keyof typeof clock] = Number(value)
  }
  return isBeforeChrist ? { ...clock, year: 1 - clock.year } : clock
}

/** The first instant of a year in UTC. Not Date.UTC, which takes years below 100 as 19xx. */
function beginOf(year: number): Instant {
  return new Date(0).setUTCFullYear(year, 0, 1)
}
