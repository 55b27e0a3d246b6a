import type { StageCount, SurvivalAnswer } from '../../answers/answers.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { count, counted, share } from '../../format/numbers.ts'
import { duration } from '../../format/times.ts'
import { accentOf } from '../../parts/accent.ts'
import { Choice } from '../../parts/choice.tsx'
import { Legend } from '../../parts/legend.tsx'
import { Picture } from '../../parts/picture.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { useCursor } from '../../pictures/cursor.ts'
import { Curves } from '../../pictures/curves.tsx'
import { durationAxis } from '../../pictures/duration-axis.ts'
import { stepPoints } from '../../pictures/plot-layout.ts'
import { range } from '../../ranges/shown-range.ts'
import { pointAt } from './step-value.ts'

type Point = SurvivalAnswer['points'][number]

/** What the curve is about. */
interface StillThereProps {
  readonly loaded: Loaded<SurvivalAnswer>
  readonly stage: StageCount
  /** The stage that is waited for; undefined: any way out. */
  readonly to: StageCount | undefined
  readonly stages: readonly StageCount[]
}

/** The share that is still in a stage, or has not got to another one, so long after it entered. */
export function StillThere({ loaded, stage, to, stages }: StillThereProps) {
  const options = [{ name: 'any', title: 'Any way out' }, ...stages.filter(({ id }) => id !== stage.id).map(({ id, title }) => ({ name: id, title }))]
  return (
    <Picture
      title={to === undefined ? `Still in ${stage.title}` : `From ${stage.title}, not yet in ${to.title}`}
      lead={`The share of the stays that began ${range.value?.words ?? ''}, by the time since they began. The band is where the true share lies with 95 % certainty.`}
      loaded={loaded}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      emptiness={({ stays }) => (stays === 0 ? 'No stay in this stage began in this time.' : undefined)}
      table={({ points }) => pointTable(points)}
      controls={<Choice name="to" title="Until they are in" options={options} chosen={to?.id ?? 'any'} />}
    >
      {(answer) => <Drawn answer={answer} accent={accentOf(stages, stage.id)} isOut={to === undefined} />}
    </Picture>
  )
}

/** How many places the cursor has. */
const PLACES = 120

interface DrawnProps {
  readonly answer: SurvivalAnswer
  readonly accent: string
  readonly isOut: boolean
}

function Drawn({ answer, accent, isOut }: DrawnProps) {
  const { points, stays, events, median } = answer
  const longest = points.at(-1)?.ms ?? 0
  const axis = durationAxis(longest)
  const cursor = useCursor(PLACES + 1)
  const at = (longest * cursor.at) / PLACES
  const shown = pointAt(points, at) ?? { survival: 1, lower: 1, upper: 1, atRisk: stays }
  const line = (pick: (point: Point) => number) => stepPoints([[0, 1] as const, ...points.map((point) => [axis.part(point.ms), pick(point)] as const)])
  const after = `After ${duration(at)}`
  const percent = (value: number): string => share(value, 1)
  const words = isOut ? 'still there' : 'not there yet'
  return (
    <div class="with-legend">
      <Curves
        name={`The share that ${isOut ? 'is still there' : 'is not there yet'}, by time`}
        curves={[
          {
            key: 'survival',
            accent,
            points: line(({ survival }) => survival),
            band: { lower: line(({ lower }) => lower), upper: line(({ upper }) => upper) },
            value: shown.survival,
          },
        ]}
        ticks={[0, 0.25, 0.5, 0.75, 1]}
        tickText={percent}
        labels={axis.labels}
        parts={Array.from({ length: PLACES + 1 }, (_, index) => index / PLACES)}
        cursor={cursor}
        text={`${after}: ${percent(shown.survival)} ${words}`}
      />
      <Legend
        title={after}
        items={[
          { key: 'survival', accent, title: words, value: <strong>{percent(shown.survival)}</strong> },
          { key: 'band', accent: 'accent-none', title: '95 % certain', value: `${percent(shown.lower)}–${percent(shown.upper)}` },
          { key: 'observed', accent: 'accent-none', title: 'observed so long', value: count(shown.atRisk) },
        ]}
      >
        <p class="quiet-text legend-note">
          {median === null ? 'Fewer than half have got there so far.' : `Half within ${duration(median)}.`} {counted(stays, 'stay')},{' '}
          {counted(events, 'of them over', 'of them over')}.
        </p>
      </Legend>
    </div>
  )
}

function pointTable(points: readonly Point[]): TableOf<Point> {
  const percent = (value: number): string => share(value, 1)
  return {
    name: 'Still there',
    rows: points,
    keyOf: ({ ms }) => String(ms),
    columns: [
      { title: 'After', cell: ({ ms }) => duration(ms), value: ({ ms }) => ms / 1000 },
      { title: 'Share', isNumber: true, cell: ({ survival }) => percent(survival), value: ({ survival }) => survival },
      { title: 'Lower', isNumber: true, cell: ({ lower }) => percent(lower), value: ({ lower }) => lower },
      { title: 'Upper', isNumber: true, cell: ({ upper }) => percent(upper), value: ({ upper }) => upper },
      { title: 'Observed so long', isNumber: true, cell: ({ atRisk }) => count(atRisk), value: ({ atRisk }) => atRisk },
      { title: 'Got there', isNumber: true, cell: ({ events }) => count(events), value: ({ events }) => events },
      { title: 'Last seen', isNumber: true, cell: ({ censored }) => count(censored), value: ({ censored }) => censored },
    ],
  }
}
