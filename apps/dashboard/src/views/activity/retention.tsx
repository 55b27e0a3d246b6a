import type { RetentionAnswer } from '../../answers/answers.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { count, share } from '../../format/numbers.ts'
import { periodName } from '../../format/times.ts'
import { Picture } from '../../parts/picture.tsx'
import { type Column, Table, type TableOf } from '../../parts/table.tsx'

type Cohort = RetentionAnswer['items'][number]

/** Of those who came for the first time in a period: the share that came again in each of the periods after it. */
export function Retention({ loaded }: { readonly loaded: Loaded<RetentionAnswer> }) {
  return (
    <Picture
      title="Who keeps coming"
      class="retention"
      lead="Each row has those who came for the first time in a period, and the share of them who came again so many periods later."
      isTableItself
      loaded={loaded}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      emptiness={({ items }) => (items.every(({ size }) => size === 0) ? 'Nobody came for the first time in this time.' : undefined)}
      table={(answer) => cohortTable(answer, false)}
    >
      {(answer) => <Table table={cohortTable(answer, true)} />}
    </Picture>
  )
}

/** How many steps of colour there are. */
const HEATS = 10

function cohortTable({ items, by, timezone }: RetentionAnswer, isDrawn: boolean): TableOf<Cohort> {
  const cohorts = items.filter(({ size }) => size > 0)
  const longest = Math.max(0, ...cohorts.map(({ active }) => active.length))
  const after = Array.from({ length: longest }, (_, index) => index).slice(1)
  return {
    name: 'Who keeps coming',
    rows: cohorts,
    keyOf: ({ from }) => from,
    columns: [
      { title: 'First came', cell: ({ from }) => periodName(from, by, timezone), value: ({ from }) => from },
      { title: 'Actors', isNumber: true, cell: ({ size }) => count(size), value: ({ size }) => size },
      ...after.map(
        (index): Column<Cohort> => ({
          title: `+${index}`,
          isNumber: true,
          cell: (cohort) => (isDrawn ? <Heat cohort={cohort} index={index} by={by} /> : (cohort.active[index] ?? '')),
          value: ({ active }) => active[index] ?? null,
        }),
      ),
    ],
  }
}

function Heat({ cohort, index, by }: { readonly cohort: Cohort; readonly index: number; readonly by: string }) {
  const { size, active, completePeriods } = cohort
  const value = active[index]
  if (value === undefined) return null
  const isOpen = index >= completePeriods
  const words = `${count(value)} of ${count(size)}, ${index} ${by}${index === 1 ? '' : 's'} later${isOpen ? '; not over yet' : ''}`
  return (
    <span class={`heat heat-${Math.min(HEATS, Math.ceil((HEATS * value) / size))} ${isOpen ? 'open' : ''}`} title={words}>
      {share(value, size)}
    </span>
  )
}
