import type { Cursor } from './cursor.ts'
import { Plot, type PlotLabel } from './plot.tsx'
import { areaPath, linePath } from './plot-layout.ts'
import { nearestOf } from './time-axis.ts'

/** A place of a curve: a share of the width, and a value. */
export type CurvePlace = readonly [part: number, value: number]

/** A line, with the band in which it lies. */
interface Curve {
  readonly key: string
  readonly accent: string
  readonly points: readonly CurvePlace[]
  readonly band?: { readonly lower: readonly CurvePlace[]; readonly upper: readonly CurvePlace[] } | undefined
  /** Its value where the cursor is. */
  readonly value: number | undefined
}

/** What curves show. */
interface CurvesProps {
  readonly name: string
  readonly curves: readonly Curve[]
  readonly ticks: readonly number[]
  readonly tickText: (value: number) => string
  readonly labels: (width: number) => readonly PlotLabel[]
  /** The places where the cursor can be, as shares of the width. */
  readonly parts: readonly number[]
  readonly cursor: Cursor
  readonly text: string
}

/** Lines with their bands. */
export function Curves({ name, curves, ticks, tickText, labels, parts, cursor, text }: CurvesProps) {
  return (
    <Plot
      name={name}
      height={300}
      ticks={ticks}
      tickText={tickText}
      labels={labels}
      cursor={{ cursor, text, part: (at) => parts[at] ?? 0, nearest: (part) => nearestOf(parts, part) }}
    >
      {({ x, y }) => {
        const places = (points: readonly CurvePlace[]) => points.map(([part, value]) => [x(part), y(value)] as const)
        return curves.map(({ key, accent, points, band, value }) => (
          <g key={key} class={accent}>
            {band === undefined ? null : <path class="curve-band" d={areaPath(places(band.upper), places(band.lower))} />}
            <path class="curve" d={linePath(places(points))} />
            {value === undefined ? null : <circle class="plot-dot" cx={x(parts[cursor.at] ?? 0)} cy={y(value)} r={4} />}
          </g>
        ))
      }}
    </Plot>
  )
}
