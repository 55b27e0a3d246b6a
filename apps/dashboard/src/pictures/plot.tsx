import type { ComponentChildren } from 'preact'
import { useWidth } from '../parts/measured.ts'
import { type Cursor, followKeys } from './cursor.ts'
import { type Frame, frameOf } from './plot-layout.ts'

/** A text below the plot, at a share of its width. */
export interface PlotLabel {
  readonly part: number
  readonly text: string
}

/** What a plot needs. */
interface PlotProps {
  /** What screen readers say of it. */
  readonly name: string
  readonly height?: number
  readonly ticks: readonly number[]
  readonly tickText: (value: number) => string
  readonly labels: (width: number) => readonly PlotLabel[]
  /** The place that somebody points at, with what it says and where it is, as a share of the width. */
  readonly cursor?: { readonly cursor: Cursor; readonly text: string; readonly part: (at: number) => number; readonly nearest: (part: number) => number }
  readonly children: (frame: Frame) => ComponentChildren
}

const HEIGHT = 280

/** A plot with two scales, laid out for the width that it has. With a cursor it can be walked through with the keys of a slider. */
export function Plot(props: PlotProps) {
  const { name, cursor, height = HEIGHT } = props
  const [place, width] = useWidth<HTMLDivElement>()
  const isEmpty = width === 0
  const slider = cursor === undefined ? {} : sliderOf(name, cursor.cursor, cursor.text)
  return (
    <div ref={place} class="plot" style={{ minHeight: `${height}px` }} {...slider}>
      {isEmpty ? null : <Drawing {...props} frame={frameOf({ width, height, ticks: props.ticks })} />}
    </div>
  )
}

const sliderOf = (name: string, cursor: Cursor, text: string) => ({
  role: 'slider' as const,
  tabIndex: 0,
  'aria-label': name,
  'aria-valuemin': 0,
  'aria-valuemax': cursor.last,
  'aria-valuenow': cursor.at,
  'aria-valuetext': text,
  onKeyDown: followKeys(cursor),
})

function Drawing({ name, frame, ticks, tickText, labels, cursor, children }: PlotProps & { readonly frame: Frame }) {
  const { width, height, left, right, top, bottom, x, y } = frame
  const follow = (event: PointerEvent): void => {
    if (cursor === undefined) return
    const { left: edge } = (event.currentTarget as Element).getBoundingClientRect()
    cursor.cursor.move(cursor.nearest((event.clientX - edge - left) / (right - left)))
  }
  const line = cursor === undefined ? undefined : x(cursor.part(cursor.cursor.at))
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      onPointerMove={follow}
      onPointerDown={follow}
      role="img"
      aria-label={name}
      aria-hidden={cursor !== undefined}
    >
      {ticks.map((tick) => (
        <g key={tick}>
          <line class={tick === 0 ? 'plot-zero' : 'plot-line'} x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
          <text class="tick" x={left - 8} y={y(tick) + 4} text-anchor="end">
            {tickText(tick)}
          </text>
        </g>
      ))}
      {labels(right - left).map(({ part, text }) => (
        <text key={`${part} ${text}`} class="tick" x={Math.min(right - 14, Math.max(left + 6, x(part)))} y={height - 6} text-anchor="middle">
          {text}
        </text>
      ))}
      {children(frame)}
      {line === undefined ? null : <line class="plot-cursor" x1={line} x2={line} y1={top} y2={bottom} />}
    </svg>
  )
}
