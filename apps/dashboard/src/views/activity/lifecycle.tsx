import type { LifecycleAnswer } from '../../answers/answers.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { count, decimal, share } from '../../format/numbers.ts'
import { periodName } from '../../format/times.ts'
import { Legend } from '../../parts/legend.tsx'
import { Picture } from '../../parts/picture.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { type BarPeriod, BarsOverTime } from '../../pictures/bars-over-time.tsx'
import { useCursor } from '../../pictures/cursor.ts'
import { timeAxis } from '../../pictures/time-axis.ts'
import { range } from '../../ranges/shown-range.ts'

type Item = LifecycleAnswer['items'][number]

const kinds = [
  { key: 'returning', title: 'Came again', accent: 'series-returning', isBelow: false, words: 'active in this period and in the one before' },
  { key: 'new', title: 'New', accent: 'series-new', isBelow: false, words: 'active for the first time' },
  { key: 'resurrecting', title: 'Came back', accent: 'series-resurrecting', isBelow: false, words: 'active after at least one period without' },
  { key: 'dormant', title: 'Did not come again', accent: 'series-dormant', isBelow: true, words: 'active in the period before, and not in this one' },
] as const

/** Who was active in each period: new, again, back; and, below zero, who was not any more. */
export function Lifecycle({ loaded }: { readonly loaded: Loaded<LifecycleAnswer> }) {
  return (
    <Picture
      title="Who came, and who came again"
      lead={`Active actors of each period ${range.value?.words ?? ''}; below the line those of the period before who did not come again.`}
      loaded={loaded}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      emptiness={({ items }) => (items.every((item) => kinds.every(({ key }) => item[key] === 0)) ? 'Nobody was active in this time.' : undefined)}
      table={lifecycleTable}
    >
      {(answer) => <Drawn answer={answer} />}
    </Picture>
  )
}

function Drawn({ answer }: { readonly answer: LifecycleAnswer }) {
  const { items, timezone, by } = answer
  const cursor = useCursor(items.length)
  const shown = items[cursor.at]
  const [first, last] = [items[0], items.at(-1)]
  if (shown === undefined || first === undefined || last === undefined) return null
  const periods = items.map((item): BarPeriod => ({ ...boundsOf(item), values: kinds.map(({ key }) => item[key]), isComplete: item.complete }))
  const axis = timeAxis({ from: boundsOf(first).from, until: boundsOf(last).until, begins: periods.map(({ from }) => from), by, zone: timezone })
  const name = `${periodName(boundsOf(shown).from, by, timezone)}${shown.complete ? '' : ', not over yet'}`
  const active = shown.new + shown.returning + shown.resurrecting
  return (
    <div class="with-legend">
      <BarsOverTime
        name="New, returning, resurrecting and dormant actors over time"
        series={kinds}
        periods={periods}
        axis={axis}
        cursor={cursor}
        text={`${name}: ${kinds.map(({ key, title }) => `${title} ${count(shown[key])}`).join(', ')}, quick ratio ${ratio(shown)}`}
      />
      <Legend
        title={name}
        items={kinds.map(({ key, title, accent, words, isBelow }) => ({
          key,
          accent,
          title: <span title={words}>{title}</span>,
          value: <strong>{count(shown[key])}</strong>,
          aside: isBelow ? '' : share(shown[key], active),
        }))}
      >
        <p class="legend-total">
          <span title="New and back, for each one who did not come again: above 1 the number grows.">Quick ratio</span> <strong>{ratio(shown)}</strong>
        </p>
      </Legend>
    </div>
  )
}

const boundsOf = ({ from, until }: Item) => ({ from: Date.parse(from), until: Date.parse(until) })
const ratio = ({ quickRatio }: Item): string => (quickRatio === null ? '–' : decimal(quickRatio))

function lifecycleTable({ items, by, timezone }: LifecycleAnswer): TableOf<Item> {
  return {
    name: 'Who came, and who came again',
    rows: items,
    keyOf: ({ from }) => from,
    columns: [
      { title: 'Period', cell: ({ from, complete }) => `${periodName(from, by, timezone)}${complete ? '' : ' (not over yet)'}`, value: ({ from }) => from },
      ...kinds.map(({ key, title }) => ({ title, isNumber: true, cell: (item: Item) => count(item[key]), value: (item: Item) => item[key] })),
      { title: 'Quick ratio', isNumber: true, cell: ratio, value: ({ quickRatio }) => quickRatio },
    ],
  }
}
