import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { type Address, formatAddress } from '../address/address.ts'
import { compact } from '../format/numbers.ts'
import { followLink } from '../parts/link.tsx'
import { useOverflow, useWidth } from '../parts/measured.ts'
import { type Movement, type Unrolled, type UnrolledBand, type UnrolledNode, unrolledLayout } from './unrolled-layout.ts'

const COLUMN_PX = 70
const LABEL_PX = 128

/** What the picture of a cycle over time needs. */
interface UnrolledProps {
  readonly name: string
  readonly movements: readonly Movement[]
  readonly stages: readonly string[]
  readonly accent: (stage: string | null) => string
  readonly title: (stage: string | null) => string
  /** The legend, where there is no place for names beside the bars. */
  readonly legend: ComponentChildren
  readonly columnText: (at: number) => string
  /** A band in words. */
  readonly bandText: (movement: Movement) => string
  readonly behind: (movement: Movement) => Address
}

/** The cycle unrolled over time. It is wider than its place where there are many periods; its end is shown first. The table has the same for the keyboard. */
export function UnrolledPicture(props: UnrolledProps) {
  const [place, width] = useWidth<HTMLDivElement>()
  return (
    <div ref={place} class="unrolled-place">
      {width === 0 ? null : <Scrolled {...props} width={width} />}
    </div>
  )
}

function Scrolled({ width, ...props }: UnrolledProps & { readonly width: number }) {
  const [place, isWider] = useOverflow<HTMLDivElement>()
  const [pointed, setPointed] = useState<string | undefined>(undefined)
  const periods = new Set(props.movements.map(({ from }) => from)).size
  const labels = width < 560 ? 0 : LABEL_PX
  const layout = unrolledLayout(props.movements, {
    stages: props.stages,
    width: Math.max(width - labels, periods * COLUMN_PX),
    height: width < 560 ? 420 : 480,
  })
  useLayoutEffect(() => {
    const element = place.current
    if (element !== null) element.scrollLeft = element.scrollWidth
  }, [place, layout.width])
  return (
    <>
      <div class="scroller" ref={place} {...(isWider ? { role: 'group', 'aria-label': `${props.name}, to be scrolled`, tabIndex: 0 } : {})}>
        <svg
          class="unrolled"
          viewBox={`0 0 ${layout.width + labels} ${layout.height}`}
          width={layout.width + labels}
          height={layout.height}
          role="group"
          aria-label={`${props.name}; the same numbers are in the table`}
        >
          <Bands {...props} layout={layout} point={setPointed} />
          <g aria-hidden="true">
            {layout.nodes.map((node) => (
              <Bar key={node.key} node={node} layout={layout} accent={props.accent(node.stage)} title={props.title(node.stage)} hasLabels={labels > 0} />
            ))}
            {layout.columns.map(({ at, x }) => (
              <text key={at} class="tick" x={Math.min(layout.width - 20, Math.max(30, x))} y={layout.height - 6} text-anchor="middle">
                {props.columnText(at)}
              </text>
            ))}
          </g>
        </svg>
      </div>
      {labels > 0 ? null : props.legend}
      <p class="pointed" aria-hidden="true">
        {pointed ?? 'Point at a band to see who it is; a click opens the list.'}
      </p>
    </>
  )
}

type BandsProps = UnrolledProps & { readonly layout: Unrolled; readonly point: (text: string | undefined) => void }

function Bands({ layout, accent, bandText, behind, point }: BandsProps) {
  return (
    <g aria-hidden="true">
      {layout.bands.map((band: UnrolledBand) => {
        const to = behind(band.movement)
        const text = bandText(band.movement)
        return (
          <a
            key={band.key}
            class={`band ${accent(band.movement.source ?? band.movement.target)}`}
            href={formatAddress(to)}
            tabindex={-1}
            onClick={followLink(to)}
            onPointerEnter={() => point(text)}
            onPointerLeave={() => point(undefined)}
            data-actors={band.movement.actors}
          >
            <title>{text}</title>
            <path d={band.path} />
          </a>
        )
      })}
    </g>
  )
}

function Bar({
  node,
  layout,
  accent,
  title,
  hasLabels,
}: {
  readonly node: UnrolledNode
  readonly layout: Unrolled
  readonly accent: string
  readonly title: string
  readonly hasLabels: boolean
}) {
  const isLast = node.column === layout.columns.length - 1
  return (
    <g class={`bar ${accent}`}>
      <title>{`${title}: ${compact(node.actors)}`}</title>
      <rect x={node.x} y={node.y} width={node.width} height={node.height} rx={2} />
      {isLast && hasLabels ? (
        <text x={node.x + node.width + 8} y={node.y + node.height / 2 + 4}>
          <tspan class="bar-count">{compact(node.actors)}</tspan> <tspan class="bar-title">{title}</tspan>
        </text>
      ) : null}
    </g>
  )
}
