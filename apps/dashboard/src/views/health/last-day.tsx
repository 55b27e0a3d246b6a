import type { CountsAnswer, StageCount } from '../../answers/answers.ts'
import { inCycle } from '../../answers/shown-cycle.ts'
import { type Loaded, useAnswer } from '../../answers/use-answer.ts'
import { count } from '../../format/numbers.ts'
import { CountLink } from '../../parts/count-link.tsx'
import { Picture } from '../../parts/picture.tsx'
import { StageName } from '../../parts/stage-name.tsx'
import { Table, type TableOf } from '../../parts/table.tsx'
import { thisHour } from '../../ranges/shown-range.ts'
import { movesBehind, peopleAt } from '../behind.ts'

const DAY_MS = 86_400_000
const REFRESH_MS = 15_000

/** What became of one stage in the last day. */
interface StageDay {
  readonly stage: Pick<StageCount, 'id' | 'title' | 'kind'>
  readonly before: number
  readonly entered: number
  readonly left: number
  readonly after: number
}

/** The counts of the last 24 hours. */
export interface LastDayCounts {
  readonly since: number
  readonly until: number
  readonly counts: Loaded<CountsAnswer>
}

/** Asks for the counts of the last 24 hours, of which history gives each. */
export function useLastDay(): LastDayCounts {
  const [since, until] = [thisHour.value - DAY_MS, thisHour.value]
  const iso = (at: number): string => encodeURIComponent(new Date(at).toISOString())
  const counts = useAnswer<CountsAnswer>(inCycle(`counts?from=${iso(since)}&until=${iso(until)}&by=hour`), { everyMs: REFRESH_MS })
  return { since, until, counts }
}

/** Each stage a day ago, what came and went, and now: one sum in each row. */
export function LastDay({ since, until, counts }: LastDayCounts) {
  const table = (answer: CountsAnswer): TableOf<StageDay> => dayTable(daysOf(answer), answer.stages, { since, until })
  return (
    <Picture
      title="The last 24 hours, stage by stage"
      class="last-day"
      lead="In each row: a day ago + entered − left = now."
      isTableItself
      loaded={counts}
      asOf={({ asOf }) => asOf}
      table={table}
    >
      {(answer) => <Table table={table(answer)} />}
    </Picture>
  )
}

function daysOf({ items, stages }: CountsAnswer): StageDay[] {
  return stages.map((stage) => {
    const periods = items.map((item) => item.stages[stage.id] ?? { before: 0, entered: 0, left: 0, after: 0 })
    const sum = (part: 'entered' | 'left'): number => periods.reduce((total, period) => total + period[part], 0)
    return { stage, before: periods[0]?.before ?? 0, entered: sum('entered'), left: sum('left'), after: periods.at(-1)?.after ?? 0 }
  })
}

const isSum = ({ before, entered, left, after }: StageDay): boolean => before + entered - left === after

function dayTable(
  rows: readonly StageDay[],
  stages: CountsAnswer['stages'],
  { since, until }: { readonly since: number; readonly until: number },
): TableOf<StageDay> {
  return {
    name: 'The last 24 hours, stage by stage',
    rows,
    keyOf: ({ stage }) => stage.id,
    attributesOf: ({ stage }) => ({ 'data-day': stage.id }),
    columns: [
      { title: 'Stage', cell: ({ stage: { id, title } }) => <StageName id={id} title={title} stages={stages} />, value: ({ stage }) => stage.title },
      {
        title: 'A day ago',
        isNumber: true,
        cell: ({ stage: { id, title }, before }) => <CountLink value={before} of={`in ${title} a day ago`} to={peopleAt(id, { at: since, isOpen: false })} />,
        value: ({ before }) => before,
      },
      {
        title: 'Entered',
        isNumber: true,
        cell: ({ stage: { id, title }, entered }) => <CountLink value={entered} of={`entered ${title}`} to={movesBehind({ to: id, since, until })} />,
        value: ({ entered }) => entered,
      },
      {
        title: 'Left',
        isNumber: true,
        cell: ({ stage: { id, title }, left }) => <CountLink value={left} of={`left ${title}`} to={movesBehind({ source: id, since, until })} />,
        value: ({ left }) => left,
      },
      { title: 'Now', isNumber: true, cell: ({ after }) => count(after), value: ({ after }) => after },
      {
        title: 'Adds up',
        isMinor: true,
        cell: (row) => <span class={isSum(row) ? 'good' : 'bad'}>{isSum(row) ? 'yes' : 'no'}</span>,
        value: (row) => (isSum(row) ? 'yes' : 'no'),
      },
    ],
  }
}
