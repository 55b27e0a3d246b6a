import type { PlotLabel } from './plot.tsx'
import { roundTicks } from './plot-layout.ts'

const MINUTE_MS = 60_000
const units = [
  { name: 'd', ms: 1440 * MINUTE_MS, least: 3 },
  { name: 'h', ms: 60 * MINUTE_MS, least: 3 },
  { name: 'min', ms: MINUTE_MS, least: 3 },
  { name: 's', ms: 1000, least: 0 },
] as const

/** No scale is shorter: what lasts no time has a scale too. */
const SHORTEST_MS = 1000

/** A scale of time since something, from 0: the share of the width for a duration, and labels in a round number of one unit. */
export interface DurationAxis {
  readonly part: (ms: number) => number
  readonly labels: (width: number) => readonly PlotLabel[]
}

/** The scale up to a duration. */
export function durationAxis(longestMs: number): DurationAxis {
  const longest = Math.max(SHORTEST_MS, longestMs)
  const unit = units.find(({ ms, least }) => longest >= least * ms) ?? units[3]
  const part = (ms: number): number => Math.min(1, ms / longest)
  const labels = (width: number): PlotLabel[] =>
    roundTicks({ min: 0, max: longest / unit.ms }, Math.max(2, Math.floor(width / 90)))
      .filter((value) => Number.isInteger(value) && value * unit.ms <= longest)
      .map((value) => ({ part: part(value * unit.ms), text: `${value.toLocaleString('en')} ${unit.name}` }))
  return { part, labels }
}
