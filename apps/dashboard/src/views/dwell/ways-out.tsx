import type { StageCount, SurvivalAnswer } from '../../answers/answers.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { share } from '../../format/numbers.ts'
import { duration } from '../../format/times.ts'
import { accentOf } from '../../parts/accent.ts'
import { Legend } from '../../parts/legend.tsx'
import { Picture } from '../../parts/picture.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { useCursor } from '../../pictures/cursor.ts'
import { Curves } from '../../pictures/curves.tsx'
import { durationAxis } from '../../pictures/duration-axis.ts'
import { roundTicks, stepPoints } from '../../pictures/plot-layout.ts'
import { pointAt } from './step-value.ts'

type Way = SurvivalAnswer['incidence'][number]

/** What the curves are about. */
interface WaysOutProps {
  readonly loaded: Loaded<SurvivalAnswer>
  readonly stage: StageCount
  readonly stages: readonly StageCount[]
  readonly title: (id: string) => string
}

/** For each way out of a stage, the share that has taken it so long after it entered. */
export function WaysOut({ loaded, stage, stages, title }: WaysOutProps) {
  return (
    <Picture
      title={`Where they go from ${stage.title}`}
      lead="The share that has left in each way by then. Who is still there may leave in any of them, so the shares need not reach 100 %."
      loaded={loaded}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      emptiness={({ incidence }) => (incidence.every(({ points }) => points.length === 0) ? 'Nobody has left this stage in this time.' : undefined)}
      table={({ incidence }) => wayTable(incidence, title)}
    >
      {(answer) => <Drawn answer={answer} stages={stages} title={title} />}
    </Picture>
  )
}

const PLACES = 120

function Drawn({ answer, stages, title }: { readonly answer: SurvivalAnswer } & Pick<WaysOutProps, 'stages' | 'title'>) {
  const ways = answer.incidence.filter(({ points }) => points.length > 0)
  const longest = Math.max(0, ...ways.map(({ points }) => points.at(-1)?.ms ?? 0))
  const axis = durationAxis(longest)
  const cursor = useCursor(PLACES + 1)
  const at = (longest * cursor.at) / PLACES
  const shareOf = ({ points }: Way): number => pointAt(points, at)?.incidence ?? 0
  const highest = Math.max(0.01, ...ways.flatMap(({ points }) => points.map(({ upper }) => upper)))
  const percent = (value: number): string => share(value, 1)
  const after = `Within ${duration(at)}`
  return (
    <div class="with-legend">
      <Curves
        name="The share that has left in each way, by time"
        curves={ways.map((way) => {
          const line = (pick: (point: Way['points'][number]) => number) =>
            stepPoints([[0, 0] as const, ...way.points.map((point) => [axis.part(point.ms), pick(point)] as const)])
          return {
            key: way.to,
            accent: accentOf(stages, way.to),
            points: line(({ incidence }) => incidence),
            band: { lower: line(({ lower }) => lower), upper: line(({ upper }) => upper) },
            value: shareOf(way),
          }
        })}
        ticks={roundTicks({ min: 0, max: Math.min(1, highest) }, 5)}
        tickText={percent}
        labels={axis.labels}
        parts={Array.from({ length: PLACES + 1 }, (_, index) => index / PLACES)}
        cursor={cursor}
        text={`${after}: ${ways.map((way) => `${title(way.to)} ${percent(shareOf(way))}`).join(', ')}`}
      />
      <Legend
        title={after}
        items={ways
          .toSorted((a, b) => shareOf(b) - shareOf(a))
          .map((way) => ({ key: way.to, accent: accentOf(stages, way.to), title: title(way.to), value: <strong>{percent(shareOf(way))}</strong> }))}
      />
    </div>
  )
}

/** A point of one of the curves. */
interface WayPoint {
  readonly to: string
  readonly ms: number
  readonly incidence: number
  readonly lower: number
  readonly upper: number
}

function wayTable(incidence: readonly Way[], title: (id: string) => string): TableOf<WayPoint> {
  const percent = (value: number): string => share(value, 1)
  return {
    name: 'Where they go',
    rows: incidence.flatMap(({ to, points }) => points.map((point) => ({ to, ...point }))),
    keyOf: ({ to, ms }) => `${to} ${ms}`,
    columns: [
      { title: 'To', cell: ({ to }) => title(to), value: ({ to }) => title(to) },
      { title: 'Within', isNumber: true, cell: ({ ms }) => duration(ms), value: ({ ms }) => ms / 1000 },
      { title: 'Share', isNumber: true, cell: (point) => percent(point.incidence), value: (point) => point.incidence },
      { title: 'Lower', isNumber: true, cell: ({ lower }) => percent(lower), value: ({ lower }) => lower },
      { title: 'Upper', isNumber: true, cell: ({ upper }) => percent(upper), value: ({ upper }) => upper },
    ],
  }
}
