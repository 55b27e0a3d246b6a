import type { ActivityAnswer } from '../../answers/answers.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { count, share, short } from '../../format/numbers.ts'
import { dayName } from '../../format/times.ts'
import { Legend } from '../../parts/legend.tsx'
import { Picture } from '../../parts/picture.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { useCursor } from '../../pictures/cursor.ts'
import { Curves } from '../../pictures/curves.tsx'
import { countTicks } from '../../pictures/plot-layout.ts'
import { timeAxis } from '../../pictures/time-axis.ts'
import { range } from '../../ranges/shown-range.ts'

type Day = ActivityAnswer['items'][number]

const spans = [
  { key: 'mau', title: 'In 30 days', accent: 'series-month' },
  { key: 'wau', title: 'In 7 days', accent: 'series-week' },
  { key: 'dau', title: 'On the day', accent: 'series-day' },
] as const

/** How many different actors were active on each day, and in the week and the month that end with it. */
export function ActiveActors({ loaded }: { readonly loaded: Loaded<ActivityAnswer> }) {
  return (
    <Picture
      title="Active actors"
      lead={`Different actors on each day, and in the 7 and 30 days that end with it, ${range.value?.words ?? ''}.`}
      loaded={loaded}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      emptiness={({ items }) => (items.every(({ mau }) => mau === 0) ? 'Nobody was active in this time.' : undefined)}
      table={dayTable}
    >
      {(answer) => <Drawn answer={answer} />}
    </Picture>
  )
}

function Drawn({ answer }: { readonly answer: ActivityAnswer }) {
  const { items, timezone } = answer
  const cursor = useCursor(items.length)
  const shown = items[cursor.at]
  const days = items.map(({ day }) => Date.parse(day))
  const [first, last] = [days[0], days.at(-1)]
  if (shown === undefined || first === undefined || last === undefined) return null
  const axis = timeAxis({ from: first, until: last, begins: days, by: 'day', zone: timezone })
  const parts = days.map(axis.part)
  const name = `${dayName(shown.day, timezone)}${shown.complete ? '' : ', not over yet'}`
  return (
    <div class="with-legend">
      <Curves
        name="Active actors by day, week and month"
        curves={spans.map(({ key, accent }) => ({ key, accent, points: items.map((item, at) => [parts[at] ?? 0, item[key]] as const), value: shown[key] }))}
        ticks={countTicks({ min: 0, max: Math.max(...items.map(({ mau }) => mau)) }, 5)}
        tickText={short}
        labels={axis.labels}
        parts={parts}
        cursor={cursor}
        text={`${name}: ${spans.map(({ key, title }) => `${title} ${count(shown[key])}`).join(', ')}, stickiness ${share(shown.dau, shown.mau)}`}
      />
      <Legend title={name} items={spans.map(({ key, title, accent }) => ({ key, accent, title, value: <strong>{count(shown[key])}</strong> }))}>
        <p class="legend-total">
          <span title="The share of those of the month who were active on this day.">Stickiness</span> <strong>{share(shown.dau, shown.mau)}</strong>
        </p>
      </Legend>
    </div>
  )
}

function dayTable({ items, timezone }: ActivityAnswer): TableOf<Day> {
  return {
    name: 'Active actors',
    rows: items,
    keyOf: ({ day }) => day,
    columns: [
      { title: 'Day', cell: ({ day }) => dayName(day, timezone), value: ({ day }) => day },
      ...spans.toReversed().map(({ key, title }) => ({ title, isNumber: true, cell: (item: Day) => count(item[key]), value: (item: Day) => item[key] })),
      { title: 'Stickiness', isNumber: true, cell: ({ dau, mau }) => share(dau, mau), value: ({ stickiness }) => stickiness },
    ],
  }
}
