import type { AtRiskAnswer } from '../../answers/answers.ts'
import { arrived } from '../../answers/live.ts'
import { inCycle, now } from '../../answers/shown-cycle.ts'
import { stages as live } from '../../answers/shown-stages.ts'
import { usePages } from '../../answers/use-pages.ts'
import { count } from '../../format/numbers.ts'
import { duration } from '../../format/times.ts'
import { ActorLink } from '../../parts/actor-link.tsx'
import { More } from '../../parts/more.tsx'
import { Picture } from '../../parts/picture.tsx'
import { StageName } from '../../parts/stage-name.tsx'
import { Table, type TableOf } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { whereQuery } from '../../ranges/shown-range.ts'

type Warned = AtRiskAnswer['items'][number]
const PAGE = 20

/** Who will leave unless they come back, those noticed last first. */
export function AtRisk() {
  const pages = usePages<Warned, AtRiskAnswer>(inCycle(`at-risk?limit=${PAGE}${whereQuery()}`), arrived.value, { everyMs: 5000 })
  const table = (answer: AtRiskAnswer): TableOf<Warned> => riskTable([...answer.items, ...pages.more])
  const total = pages.first.answer?.total
  return (
    <Picture
      title={total === undefined ? 'At risk' : `${count(total)} at risk`}
      lead="They have been silent for longer than is usual, and go away unless they come back in time."
      class="at-risk"
      isTableItself
      loaded={pages.first}
      asOf={({ asOf }) => asOf}
      emptiness={({ items }) => (items.length === 0 ? 'Nobody is at risk.' : undefined)}
      table={table}
    >
      {(answer) => (
        <>
          <Table table={table(answer)} />
          <More pages={pages} listed={answer.items.length + pages.more.length} total={answer.total} />
        </>
      )}
    </Picture>
  )
}

function riskTable(rows: readonly Warned[]): TableOf<Warned> {
  const all = live.value.answer?.stages ?? []
  const title = (id: string): string => all.find((stage) => stage.id === id)?.title ?? id
  return {
    name: 'At risk',
    rows,
    keyOf: ({ actor }) => actor.id,
    columns: [
      { title: 'Actor', cell: ({ actor }) => <ActorLink id={actor.id} />, value: ({ actor }) => actor.id },
      { title: 'In', cell: ({ stage }) => <StageName id={stage} title={title(stage)} stages={all} />, value: ({ stage }) => title(stage) },
      { title: 'Why', isMinor: true, cell: ({ reason }) => reason ?? '', value: ({ reason }) => reason },
      { title: 'Noticed', isMinor: true, cell: ({ noticedAt }) => <Time iso={noticedAt} />, value: ({ noticedAt }) => noticedAt },
      { title: 'Goes away', isNumber: true, cell: ({ deadline }) => <Deadline at={deadline} />, value: ({ deadline }) => deadline },
    ],
  }
}

/** How long there is until somebody goes away. */
function Deadline({ at }: { readonly at: string | null }) {
  if (at === null) return <>–</>
  const left = Date.parse(at) - now.value
  return <time dateTime={at}>{left > 0 ? `in ${duration(left)}` : 'now'}</time>
}
