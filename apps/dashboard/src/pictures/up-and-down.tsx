import { short } from '../format/numbers.ts'
import { Plot } from './plot.tsx'
import { countTicks, type Frame } from './plot-layout.ts'
import type { TimeAxis } from './time-axis.ts'

/** A period with what came and what went. */
export interface UpAndDownBar {
  readonly from: number
  readonly until: number
  readonly up: number
  readonly down: number
  /** In words. */
  readonly text: string
}

/** Bars above zero for what came, and below zero for what went. */
export function UpAndDown({ name, bars, axis }: { readonly name: string; readonly bars: readonly UpAndDownBar[]; readonly axis: TimeAxis }) {
  const ticks = countTicks({ min: -Math.max(...bars.map(({ down }) => down)), max: Math.max(...bars.map(({ up }) => up)) }, 3)
  return (
    <Plot name={name} height={132} ticks={ticks} tickText={(value) => short(Math.abs(value))} labels={(width) => axis.labels(width / 1.6)}>
      {(frame) => bars.map((bar) => <Bar key={bar.from} bar={bar} frame={frame} axis={axis} />)}
    </Plot>
  )
}

function Bar({ bar, frame, axis }: { readonly bar: UpAndDownBar; readonly frame: Frame; readonly axis: TimeAxis }) {
  const { x, y } = frame
  const [left, right] = [x(axis.part(bar.from)), x(axis.part(bar.until))]
  const gap = right - left > 6 ? 1.5 : right - left > 3 ? 0.75 : 0
  const width = Math.max(0.75, right - left - gap)
  return (
    <g>
      <title>{bar.text}</title>
      <rect class="bar-up" x={left} width={width} y={y(bar.up)} height={y(0) - y(bar.up)} rx={Math.min(1.5, width / 3)} />
      <rect class="bar-down" x={left} width={width} y={y(0)} height={y(-bar.down) - y(0)} rx={Math.min(1.5, width / 3)} />
    </g>
  )
}
