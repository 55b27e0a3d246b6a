import type { TransitionsAnswer } from '../../answers/answers.ts'
import { arrived } from '../../answers/live.ts'
import { inCycle } from '../../answers/shown-cycle.ts'
import { stages as live } from '../../answers/shown-stages.ts'
import { stageTitle } from '../../answers/stage-title.ts'
import { usePages } from '../../answers/use-pages.ts'
import { Listing } from '../../parts/listing.tsx'
import { whereQuery } from '../../ranges/shown-range.ts'
import { moveTable } from '../people/move-table.tsx'

const PAGE = 20

/** Who went away last, and why. */
export function JustLeft() {
  const pages = usePages<TransitionsAnswer['items'][number], TransitionsAnswer>(inCycle(`left?limit=${PAGE}${whereQuery()}`), arrived.value, { everyMs: 5000 })
  const all = live.value.answer?.stages ?? []
  const title = (id: string): string => stageTitle(all, id)
  return (
    <Listing
      title="Just left"
      lead="Those that were noticed last stand first."
      class="just-left"
      pages={pages}
      total={pages.first.answer?.total}
      empty="Nobody has left yet."
      table={(items) => moveTable('Just left', items, { stages: all, title })}
    />
  )
}
