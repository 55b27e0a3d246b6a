import { useMemo } from 'preact/hooks'
import { address } from '../../address/shown-address.ts'
import type { CountsAnswer } from '../../answers/answers.ts'
import { zone } from '../../answers/shown-cycle.ts'
import { stages as live } from '../../answers/shown-stages.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { count, share } from '../../format/numbers.ts'
import { momentName } from '../../format/times.ts'
import { accentOf } from '../../parts/accent.ts'
import { Choice } from '../../parts/choice.tsx'
import { CountLink } from '../../parts/count-link.tsx'
import { Legend } from '../../parts/legend.tsx'
import { Picture } from '../../parts/picture.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { useCursor } from '../../pictures/cursor.ts'
import { Stacked } from '../../pictures/stacked.tsx'
import { timeAxis } from '../../pictures/time-axis.ts'
import { range, thisHour } from '../../ranges/shown-range.ts'
import { peopleAt } from '../behind.ts'
import { type CountMoment, countMoments } from './count-moments.ts'

const kinds = [
  { name: 'everyone', title: 'Everyone' },
  { name: 'present', title: 'In the cycle' },
] as const

/** The actors of all stages above each other, at each moment of a range. */
export function StagesOverTime({ counts }: { readonly counts: Loaded<CountsAnswer> }) {
  const isPresent = address.value.kind === 'present'
  const shownStages = (answer: CountsAnswer) => answer.stages.filter(({ kind }) => !isPresent || kind !== 'lapsed')
  return (
    <Picture
      title="Who is where"
      class="counts-picture"
      lead={`Actors in each stage ${range.value?.words ?? ''}. ${isPresent ? 'Those who left are not shown.' : 'Together they are all who are known.'}`}
      loaded={counts}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      emptiness={({ items }) => (items.every(({ total }) => total === 0) ? 'Nobody was in any stage in this time.' : undefined)}
      table={(answer) => momentTable(answer, shownStages(answer))}
      controls={<Choice name="kind" title="Who is shown" options={kinds} chosen={isPresent ? 'present' : 'everyone'} />}
    >
      {(answer) => <Drawn answer={answer} stages={shownStages(answer)} />}
    </Picture>
  )
}

type Stages = CountsAnswer['stages']

const nameOf = ({ at, isOpen }: CountMoment, { by }: CountsAnswer): string => (isOpen ? 'Now' : momentName(at, by, zone.value))

function Drawn({ answer, stages }: { readonly answer: CountsAnswer; readonly stages: Stages }) {
  const moments = useMemo(() => countMoments(answer, thisHour.value), [answer])
  const cursor = useCursor(moments.length)
  const shown = moments[cursor.at]
  const last = moments.at(-1)
  if (shown === undefined || last === undefined) return null
  const begins = answer.items.map(({ from }) => Date.parse(from))
  const axis = timeAxis({ from: moments[0]?.at ?? 0, until: last.at, begins, by: answer.by, zone: answer.timezone })
  const total = stages.reduce((sum, { id }) => sum + (shown.stages[id] ?? 0), 0)
  const name = nameOf(shown, answer)
  // From above to below as in the picture; the first stage stands at the bottom of it.
  const items = stages.toReversed().map(({ id, title }) => ({
    key: id,
    accent: accentOf(answer.stages, id),
    title,
    value: <CountLink value={shown.stages[id] ?? 0} of={`in ${title}, ${name}`} to={peopleAt(id, shown)} />,
    aside: share(shown.stages[id] ?? 0, total),
  }))
  const text = `${name}: ${stages.map(({ id, title }) => `${title} ${count(shown.stages[id] ?? 0)}`).join(', ')}`
  return (
    <div class="with-legend">
      <Stacked
        name="Actors in each stage over time"
        instants={moments.map(({ at }) => at)}
        layers={stages.map(({ id }) => ({ key: id, accent: accentOf(answer.stages, id), values: moments.map((moment) => moment.stages[id] ?? 0) }))}
        axis={axis}
        cursor={cursor}
        text={text}
      />
      <Legend title={name} items={items}>
        <p class="legend-total">
          <span>Together</span> <strong>{count(total)}</strong>
        </p>
      </Legend>
    </div>
  )
}

function momentTable(answer: CountsAnswer, stages: Stages): TableOf<CountMoment> {
  const moments = countMoments(answer, thisHour.value)
  const actors = live.value.answer?.actor ?? 'actor'
  return {
    name: 'Who is where',
    rows: moments,
    keyOf: ({ at }) => String(at),
    columns: [
      {
        title: 'At the moment',
        cell: ({ at }) => <Time iso={new Date(at).toISOString()} />,
        value: ({ at }) => new Date(at).toISOString(),
      },
      ...stages.map(({ id, title }) => ({
        title,
        isNumber: true,
        cell: (moment: CountMoment) => <CountLink value={moment.stages[id] ?? 0} of={`in ${title}, ${nameOf(moment, answer)}`} to={peopleAt(id, moment)} />,
        value: (moment: CountMoment) => moment.stages[id] ?? 0,
      })),
      {
        title: `All ${actors}s`,
        isNumber: true,
        cell: (moment) => count(stages.reduce((sum, { id }) => sum + (moment.stages[id] ?? 0), 0)),
        value: (moment) => stages.reduce((sum, { id }) => sum + (moment.stages[id] ?? 0), 0),
      },
    ],
  }
}
