import { short } from '../format/numbers.ts'
import type { Cursor } from './cursor.ts'
import { Plot } from './plot.tsx'
import { countTicks, type Frame } from './plot-layout.ts'
import { nearestOf, type TimeAxis } from './time-axis.ts'

/** One of the parts of a bar. */
interface BarSeries {
  readonly key: string
  readonly accent: string
  /** Whether it hangs below zero. */
  readonly isBelow: boolean
}

/** A period with its numbers, in the order of the series. */
export interface BarPeriod {
  readonly from: number
  readonly until: number
  readonly values: readonly number[]
  /** Whether it has ended: the bar of one that goes on is hatched. */
  readonly isComplete: boolean
}

/** What bars show. */
interface BarsProps {
  readonly name: string
  readonly series: readonly BarSeries[]
  readonly periods: readonly BarPeriod[]
  readonly axis: TimeAxis
  readonly cursor: Cursor
  readonly text: string
}

/** Bars made of parts, above zero and below it, for each period. */
export function BarsOverTime({ name, series, periods, axis, cursor, text }: BarsProps) {
  const sum = (values: readonly number[], isBelow: boolean): number =>
    values.reduce((total, value, at) => total + (series[at]?.isBelow === isBelow ? value : 0), 0)
  const most = (isBelow: boolean): number => Math.max(0, ...periods.map(({ values }) => sum(values, isBelow)))
  const ticks = countTicks({ min: -most(true), max: most(false) }, 6)
  const parts = periods.map(({ from, until }) => axis.part((from + until) / 2))
  return (
    <Plot
      name={name}
      height={320}
      ticks={ticks}
      tickText={(value) => short(Math.abs(value))}
      labels={axis.labels}
      cursor={{ cursor, text, part: (at) => parts[at] ?? 0, nearest: (part) => nearestOf(parts, part) }}
    >
      {(frame) => periods.map((period, at) => <Bar key={period.from} period={period} series={series} frame={frame} axis={axis} isChosen={at === cursor.at} />)}
    </Plot>
  )
}

/** What one bar needs. */
interface BarProps extends Pick<BarsProps, 'series' | 'axis'> {
  readonly period: BarPeriod
  readonly frame: Frame
  readonly isChosen: boolean
}

function Bar({ period, series, frame, axis, isChosen }: BarProps) {
  const { x, y } = frame
  const [left, right] = [x(axis.part(period.from)), x(axis.part(period.until))]
  const width = Math.max(0.75, (right - left) * (right - left > 24 ? 0.7 : 0.84))
  const from = left + (right - left - width) / 2
  const reached = { above: 0, below: 0 }
  return (
    <g class={`column ${period.isComplete ? '' : 'open'} ${isChosen ? 'chosen' : ''}`}>
      {series.map(({ key, accent, isBelow }, at) => {
        const side = isBelow ? 'below' : 'above'
        const before = reached[side]
        reached[side] += period.values[at] ?? 0
        const [top, bottom] = isBelow ? [y(-before), y(-reached.below)] : [y(reached.above), y(before)]
        return <rect key={key} class={accent} x={from} width={width} y={top} height={Math.max(0, bottom - top)} />
      })}
    </g>
  )
}
