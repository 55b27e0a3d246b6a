import { computed, signal } from '@preact/signals'
import { formatFilter, type View } from '../address/address.ts'
import { address } from '../address/shown-address.ts'
import { cycle, now, zone } from '../answers/shown-cycle.ts'
import { rangeOf } from './range.ts'

const HOUR_MS = 3_600_000

/** The end of ranges that end now. A whole hour, so that the same question is asked for an hour. */
export const thisHour = computed(() => Math.ceil(now.value / HOUR_MS) * HOUR_MS)

/** When the first actor of a cycle came; undefined as long as nobody asked. */
export const firstKnown = signal<{ readonly cycle: string; readonly at: number } | undefined>(undefined)
const first = computed(() => (firstKnown.value?.cycle === cycle.value?.cycle ? firstKnown.value?.at : undefined))

/** The views whose pictures have place for about a dozen periods. */
const coarse: readonly View[] = ['flow', 'activity']

/** The range that is shown; undefined as long as it is not known where it begins. */
export const range = computed(() =>
  rangeOf(address.value.range, {
    zone: zone.value,
    now: thisHour.value,
    first: first.value,
    by: address.value.by,
    grain: coarse.includes(address.value.view) ? 'coarse' : 'fine',
  }),
)

/** The filters of the address as parameters. */
export const whereQuery = (): string => address.value.where.map((filter) => `&where=${encodeURIComponent(formatFilter(filter))}`).join('')

/** The shown range as parameters, without the length of periods; null as long as it is not known. */
export function rangeQuery(): string | null {
  if (range.value === undefined) return null
  const iso = (at: number): string => encodeURIComponent(new Date(at).toISOString())
  return `from=${iso(range.value.from)}&until=${iso(range.value.until)}&zone=${encodeURIComponent(zone.value)}${whereQuery()}`
}

/** The shown range as parameters, divided into periods. */
export function periodsQuery(): string | null {
  const query = rangeQuery()
  return query === null ? null : `${query}&by=${range.value?.by}`
}
