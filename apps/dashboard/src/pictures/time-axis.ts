import { periodName } from '../format/times.ts'
import type { PlotLabel } from './plot.tsx'
import { labelled } from './plot-layout.ts'
import { calendarTicks } from './timeline-layout.ts'

const DAY_MS = 86_400_000
/** Below so many days a scale has the names of its periods, above it those of months. */
const DAYS_OF_PERIODS = 70
const LABEL_PX = 84

/** A scale of time: the share of the width for an instant, and its labels. */
export interface TimeAxis {
  readonly part: (at: number) => number
  readonly labels: (width: number) => readonly PlotLabel[]
}

/** The scale of adjacent periods. */
export function timeAxis({
  from,
  until,
  begins,
  by,
  zone,
}: {
  readonly from: number
  readonly until: number
  readonly begins: readonly number[]
  readonly by: string
  readonly zone: string
}): TimeAxis {
  const part = (at: number): number => (until === from ? 0 : Math.min(1, Math.max(0, (at - from) / (until - from))))
  const labels = (width: number): PlotLabel[] => {
    const most = Math.max(2, Math.floor(width / LABEL_PX))
    if (until - from > DAYS_OF_PERIODS * DAY_MS) return calendarTicks(from, until, most).map((at) => ({ part: part(at), text: periodName(at, 'month', 'UTC') }))
    return labelled(begins.length, most).map((index) => ({ part: part(begins[index] ?? from), text: periodName(begins[index] ?? from, by, zone) }))
  }
  return { part, labels }
}

/** The one of some ascending numbers that is nearest to a number. */
export function nearestOf(places: readonly number[], wanted: number): number {
  let nearest = 0
  for (const [index, place] of places.entries()) if (Math.abs(place - wanted) < Math.abs((places[nearest] ?? 0) - wanted)) nearest = index
  return nearest
}
