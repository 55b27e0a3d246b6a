import type { AtRiskAnswer } from '../../answers/answers.ts'
import { arrived } from '../../answers/live.ts'
import { inCycle, now } from '../../answers/shown-cycle.ts'
import { stages as live } from '../../answers/shown-stages.ts'
import { stageTitle } from '../../answers/stage-title.ts'
import { usePages } from '../../answers/use-pages.ts'
import { count } from '../../format/numbers.ts'
import { duration } from '../../format/times.ts'
import { ActorLink } from '../../parts/actor-link.tsx'
import { Listing } from '../../parts/listing.tsx'
import { StageName } from '../../parts/stage-name.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { whereQuery } from '../../ranges/shown-range.ts'

type Warned = AtRiskAnswer['items'][number]
const PAGE = 20

/** Who will leave unless they come back, those noticed last first. */
export function AtRisk() {
  const pages = usePages<Warned, AtRiskAnswer>(inCycle(`at-risk?limit=${PAGE}${whereQuery()}`), arrived.value, { everyMs: 5000 })
  const total = pages.first.answer?.total
  return (
    <Listing
      title={total === undefined ? 'At risk' : `${count(total)} at risk`}
      lead="They have been silent for longer than is usual, and go away unless they come back in time."
      class="at-risk"
      pages={pages}
      total={total}
      empty="Nobody is at risk."
      table={riskTable}
    />
  )
}

function riskTable(rows: readonly Warned[]): TableOf<Warned> {
  const all = live.value.answer?.stages ?? []
  const title = (id: string): string => stageTitle(all, id)
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
