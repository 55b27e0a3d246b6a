import { short } from '../format/numbers.ts'
import type { Cursor } from './cursor.ts'
import { Plot } from './plot.tsx'
import { areaPath, countTicks, type Frame, stack } from './plot-layout.ts'
import { nearestOf, type TimeAxis } from './time-axis.ts'

/** One of the layers of a stack. */
interface Layer {
  readonly key: string
  readonly accent: string
  /** A number for each of the instants. */
  readonly values: readonly number[]
}

/** What a stack shows. */
interface StackedProps {
  readonly name: string
  readonly instants: readonly number[]
  readonly layers: readonly Layer[]
  readonly axis: TimeAxis
  readonly cursor: Cursor
  /** What the cursor is at, in words. */
  readonly text: string
}

/** Layers above each other over time: the whole is their sum. */
export function Stacked({ name, instants, layers, axis, cursor, text }: StackedProps) {
  const edges = stack(layers.map(({ values }) => values))
  const ticks = countTicks({ min: 0, max: Math.max(0, ...(edges.at(-1)?.upper ?? [])) }, 5)
  const parts = instants.map(axis.part)
  return (
    <Plot
      name={name}
      height={320}
      ticks={ticks}
      tickText={short}
      labels={axis.labels}
      cursor={{ cursor, text, part: (at) => parts[at] ?? 0, nearest: (part) => nearestOf(parts, part) }}
    >
      {(frame) => (
        <g class="stacked">
          {layers.map(({ key, accent }, index) => (
            <path key={key} class={`layer ${accent}`} d={layerPath(frame, parts, edges[index])} />
          ))}
          {edges.map(({ upper }, index) => (
            <circle
              key={layers[index]?.key}
              class={`plot-dot ${layers[index]?.accent}`}
              cx={frame.x(parts[cursor.at] ?? 0)}
              cy={frame.y(upper[cursor.at] ?? 0)}
              r={layers[index]?.values[cursor.at] ? 3.5 : 0}
            />
          ))}
        </g>
      )}
    </Plot>
  )
}

function layerPath({ x, y }: Frame, parts: readonly number[], edges: ReturnType<typeof stack>[number] | undefined): string {
  const points = (values: readonly number[]) => values.map((value, index) => [x(parts[index] ?? 0), y(value)] as const)
  return edges === undefined ? '' : areaPath(points(edges.upper), points(edges.lower))
}
