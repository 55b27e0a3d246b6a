const formats = new Map<string, Intl.DateTimeFormat>()

/** Parts of a form of times. */
type Form = Intl.DateTimeFormatOptions

function formatOf(zone: string, form: Form, locale: string): Intl.DateTimeFormat {
  const key = `${zone} ${locale} ${JSON.stringify(form)}`
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: zone, ...form })
  formats.set(key, known)
  return known
}

/** A time as `2026-01-31 14:05:00`, in a zone. */
export const localTime = (iso: string, zone: string): string => formatOf(zone, { dateStyle: 'short', timeStyle: 'medium' }, 'sv-SE').format(new Date(iso))

/** A day for people: `31 Jan 2026`. */
export const dayName = (iso: string | number, zone: string): string =>
  formatOf(zone, { day: 'numeric', month: 'short', year: 'numeric' }, 'en-GB').format(new Date(iso))

/** The name of a period by its beginning: `14:00`, `31 Jan`, `week of 26 Jan`, `Jan 2026`. */
export function periodName(iso: string | number, by: string, zone: string): string {
  const at = new Date(iso)
  if (by === 'hour') return formatOf(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }, 'en-GB').format(at)
  if (by === 'month') return formatOf(zone, { month: 'short', year: 'numeric' }, 'en-GB').format(at)
  return formatOf(zone, { day: 'numeric', month: 'short' }, 'en-GB').format(at)
}

/** A moment for people, as exact as periods of a length are: `31 Jan 2026, 14:00`, and without the time where periods are days or longer. */
export function momentName(iso: string | number, by: string, zone: string): string {
  const at = new Date(iso)
  const isMidnight = formatOf(zone, { timeStyle: 'short' }, 'sv-SE').format(at) === '00:00'
  const form: Form = { day: 'numeric', month: 'short', year: 'numeric', ...(by === 'hour' || !isMidnight ? { hour: '2-digit', minute: '2-digit' } : {}) }
  return formatOf(zone, form, 'en-GB').format(at)
}

const MINUTE_S = 60
const HOUR_S = 3600
const DAY_S = 86_400

/** How long ago: `5 s ago`, `3 min ago`, `4 days ago`. */
export function ago(seconds: number): string {
  if (seconds < 2 * MINUTE_S) return `${seconds} s ago`
  if (seconds < 2 * HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min ago`
  if (seconds < 2 * DAY_S) return `${Math.floor(seconds / HOUR_S)} h ago`
  return `${Math.floor(seconds / DAY_S).toLocaleString('en')} days ago`
}

/** A length of time in its two largest units at most: `3 d 4 h`, `2 y 40 d`, `12 min`. */
export function duration(ms: number): string {
  const units = [
    ['y', 365 * DAY_S],
    ['d', DAY_S],
    ['h', HOUR_S],
    ['min', MINUTE_S],
    ['s', 1],
  ] as const
  const seconds = Math.round(ms / 1000)
  const first = units.findIndex(([, size]) => seconds >= size)
  const largest = units[first]
  if (largest === undefined) return `${seconds} s`
  const [unit, size] = largest
  const next = units[first + 1]
  const rest = next === undefined ? 0 : Math.floor((seconds % size) / next[1])
  const head = `${Math.floor(seconds / size).toLocaleString('en')} ${unit}`
  // Beyond ten of a unit the smaller one says nothing.
  return rest === 0 || seconds / size >= 10 ? head : `${head} ${rest} ${next?.[0]}`
}
