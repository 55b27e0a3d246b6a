const SECOND = 1000
const HOUR = 3_600_000
export const DAY = 86_400_000
/** An offset that is larger than the offset of any zone. */
const FARTHEST_ZONE = 16 * HOUR

const formats = new Map<string, Intl.DateTimeFormat>()
const dayStarts = new Map<string, number>()

/** The local clock of `zone` at an instant, as if it were UTC. */
export function wallTime(zone: string, at: number): number {
  let format = formats.get(zone)
  if (format === undefined) {
    const numeric = 'numeric'
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      ...{ era: 'short', year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
    })
    formats.set(zone, format)
  }
  const parts = format.formatToParts(at)
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]))
  // The year before year 1 is 1 BC. Date.UTC takes years below 100 as 19xx.
  const year = parts.some(({ type, value }) => type === 'era' && value === 'BC') ? 1 - (part['year'] ?? 0) : (part['year'] ?? 0)
  const seconds = new Date(Date.UTC(2000, 0, 1, part['hour'], part['minute'], part['second'])).setUTCFullYear(year, (part['month'] ?? 0) - 1, part['day'])
  return seconds + (at - Math.floor(at / SECOND) * SECOND)
}

const wallDate = (zone: string, at: number): number => Math.floor(wallTime(zone, at) / DAY)

/** The first instant at which the date in `zone` is `day` (days since 1970-01-01), or later if that date was skipped. */
export function startOfDay(zone: string, day: number): number {
  const name = `${zone} ${day}`
  let start = dayStarts.get(name)
  if (start === undefined) {
    start = findStartOfDay(zone, day)
    dayStarts.set(name, start)
  }
  return start
}

function findStartOfDay(zone: string, day: number): number {
  let before = day * DAY - FARTHEST_ZONE
  let reached = day * DAY + FARTHEST_ZONE
  // When clocks go back across midnight, a date begins twice, and the binary search may find the second begin. So both midnights are checked too.
  const midnights = [before, reached].map((at) => day * DAY - (wallTime(zone, at) - at))
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2)
    if (wallDate(zone, middle) >= day) reached = middle
    else before = middle
  }
  return Math.min(reached, ...midnights.filter((at) => wallDate(zone, at) >= day))
}

/** The local day of an instant: the last day that has begun at it. */
export function dayOf(zone: string, at: number): number {
  let day = Math.floor(at / DAY) + 1
  while (startOfDay(zone, day) > at) day -= 1
  return day
}
