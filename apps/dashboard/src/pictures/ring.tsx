import { type Address, formatAddress } from '../address/address.ts'
import { addressOf } from '../address/shown-address.ts'
import type { StageCount } from '../answers/answers.ts'
import { compact, count, counted } from '../format/numbers.ts'
import { accentOf } from '../parts/accent.ts'
import { followLink } from '../parts/link.tsx'
import { useWidth } from '../parts/measured.ts'
import { type Ring, type RingFlow, type RingLine, ringLayout } from './ring-layout.ts'

/** What the ring shows. */
interface RingProps {
  readonly stages: readonly StageCount[]
  readonly flows: readonly RingFlow[]
  readonly total: number
  readonly actor: string
  /** In words, the range of the flows. */
  readonly range: string
  /** The list behind an arrow. */
  readonly behind: (line: RingLine) => Address
}

/** The cycle as a ring: who is in it, who has left it, and who moved in a range of time. */
export function RingPicture(props: RingProps) {
  const [place, width] = useWidth<HTMLDivElement>()
  return (
    <div ref={place} class="ring">
      {width === 0 ? null : <RingDrawing {...props} ring={ringLayout(props.stages, props.flows, width)} />}
    </div>
  )
}

function RingDrawing({ ring, stages, total, actor, range, behind }: RingProps & { readonly ring: Ring }) {
  const { width, height, centre, radius, outside, nodes, lines, isNarrow } = ring
  const numberOf = isNarrow ? compact : count
  const inside = stages.filter(({ kind }) => kind !== 'lapsed').reduce((sum, { actors }) => sum + actors, 0)
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="group"
      aria-label={`The cycle with ${counted(total, actor)}; the same numbers are in the table`}
    >
      <circle class="ring-outside" cx={centre.x} cy={centre.y} r={outside} />
      <circle class="ring-track" cx={centre.x} cy={centre.y} r={radius} />
      <Lines lines={lines} stages={stages} range={range} behind={behind} />
      <text
        class="ring-total"
        x={isNarrow ? 0 : centre.x}
        y={isNarrow ? height - 24 : centre.y + 2}
        text-anchor={isNarrow ? 'start' : 'middle'}
        aria-hidden="true"
      >
        {count(inside)}
      </text>
      <text
        class="ring-caption"
        x={isNarrow ? 0 : centre.x}
        y={isNarrow ? height - 6 : centre.y + 24}
        text-anchor={isNarrow ? 'start' : 'middle'}
        aria-hidden="true"
      >
        in the cycle
      </text>
      {nodes.map((node) => {
        const stage = stages.find(({ id }) => id === node.id)
        if (stage === undefined) return null
        const to = addressOf('people', { stage: stage.id })
        return (
          <a
            key={node.id}
            class={`ring-node ${accentOf(stages, node.id)}`}
            href={formatAddress(to)}
            onClick={followLink(to)}
            aria-label={`${numberOf(stage.actors)} ${stage.title}: open the list`}
          >
            <circle cx={node.x} cy={node.y} r={node.radius} data-kind={stage.kind} />
            <circle class="ring-reach" cx={node.x} cy={node.y} r={Math.max(16, node.radius + 4)} />
            <text x={node.label.x} y={node.label.y} text-anchor={node.label.anchor}>
              <tspan class="ring-count" x={node.label.x} dy="-0.1em">
                {numberOf(stage.actors)}
              </tspan>{' '}
              <tspan class="ring-title" x={node.label.x} dy="1.25em">
                {stage.title}
              </tspan>
            </text>
          </a>
        )
      })}
    </svg>
  )
}

/** All arrows, and what they say. */
function Lines({ lines, stages, range, behind }: Pick<RingProps, 'stages' | 'range' | 'behind'> & Pick<Ring, 'lines'>) {
  const titles = new Map(stages.map(({ id, title }) => [id, title]))
  const accent = ({ kind, from, to }: RingLine): string => accentOf(stages, kind === 'leave' ? from : to)
  return (
    <g aria-hidden="true">
      {lines.map((line) => (
        <Line key={line.key} line={line} accent={accent(line)} name={nameOf(line, titles, range)} to={behind(line)} />
      ))}
    </g>
  )
}

function nameOf({ from, to, transitions }: RingLine, titles: ReadonlyMap<string, string>, range: string): string {
  const title = (id: string): string => titles.get(id) ?? (id === 'start' ? 'Start' : id)
  return `${title(from)} → ${title(to)}: ${count(transitions)} ${range}`
}

/** An arrow, which opens its moves. The table has the same links for the keyboard. */
function Line({ line, accent, name, to }: { readonly line: RingLine; readonly accent: string; readonly name: string; readonly to: Address }) {
  const { path, head, width, kind, transitions, label } = line
  return (
    <a class={`ring-line ${accent}`} data-kind={kind} data-transitions={transitions} href={formatAddress(to)} tabindex={-1} onClick={followLink(to)}>
      <title>{name}</title>
      <path d={path} stroke-width={width} />
      <path class="ring-head" d={head} />
      <text x={label.x} y={label.y + 4} text-anchor="middle">
        {compact(transitions)}
      </text>
    </a>
  )
}
