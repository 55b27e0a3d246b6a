import type { Freshness as Moment } from '../answers/answers.ts'
import { now, zone } from '../answers/shown-cycle.ts'
import { ago, localTime } from '../format/times.ts'

/** A time in the shown zone. */
export function Time({ iso }: { readonly iso: string }) {
  return <time dateTime={iso}>{localTime(iso, zone.value)}</time>
}

/** What a freshness needs. */
interface FreshnessProps {
  readonly asOf: Moment | undefined
  readonly receivedAt: number
  readonly isEmpty?: boolean
  /** The zone in which the numbers are counted, if it is not the one that is shown. */
  readonly countedIn?: string | undefined
}

/** Up to when a number counts, in which zone, and how old that is now. */
export function Freshness({ asOf, receivedAt, isEmpty = false, countedIn }: FreshnessProps) {
  return (
    <span class="freshness" data-freshness>
      {freshnessText({ asOf, receivedAt, isEmpty, zone: countedIn ?? zone.value, now: now.value })}
    </span>
  )
}

/** The words of a freshness. */
function freshnessText({
  asOf,
  receivedAt,
  isEmpty = false,
  zone: where,
  now: present,
}: FreshnessProps & { readonly zone: string; readonly now: number }): string {
  if (asOf === undefined) return 'loading …'
  const { logTime, ageSeconds } = asOf
  if (logTime === null) return isEmpty ? 'no data yet' : 'as of now, not dated yet'
  const age = (ageSeconds ?? 0) + Math.max(0, Math.round((present - receivedAt) / 1000))
  return `as of ${localTime(logTime, where)} ${where}, ${ago(age)}`
}
