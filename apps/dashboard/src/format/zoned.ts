const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  const known =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
  clocks.set(zone, known)
  return known
}

/** The date of an instant in a zone: `2026-01-31`. */
export const dateOf = (at: number, zone: string): string => clockOf(zone).format(at).slice(0, 10)

/** How far the clocks of a zone are ahead of UTC at an instant. */
function offsetAt(at: number, zone: string): number {
  const whole = Math.floor(at / 1000) * 1000
  return Date.parse(`${clockOf(zone).format(whole).replace(' ', 'T')}Z`) - whole
}

/** The instant at which a date begins in a zone; undefined if it is no date. */
export function startOfDate(date: string, zone: string): number | undefined {
  const local = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(local)) return undefined
  // The offset of the day before and that of the day itself: one of them holds at its beginning.
  const early = local - offsetAt(local - 86_400_000, zone)
  return offsetAt(early, zone) === offsetAt(local - 86_400_000, zone) ? early : local - offsetAt(early, zone)
}
