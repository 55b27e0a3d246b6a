import type { TransitionsAnswer } from '../../answers/answers.ts'
import { arrived } from '../../answers/live.ts'
import { inCycle } from '../../answers/shown-cycle.ts'
import { stages as live } from '../../answers/shown-stages.ts'
import { usePages } from '../../answers/use-pages.ts'
import { More } from '../../parts/more.tsx'
import { Picture } from '../../parts/picture.tsx'
import { Table } from '../../parts/table.tsx'
import { whereQuery } from '../../ranges/shown-range.ts'
import { moveTable } from '../people/move-table.tsx'

const PAGE = 20

/** Who went away last, and why. */
export function JustLeft() {
  const pages = usePages<TransitionsAnswer['items'][number], TransitionsAnswer>(inCycle(`left?limit=${PAGE}${whereQuery()}`), arrived.value, { everyMs: 5000 })
  const all = live.value.answer?.stages ?? []
  const title = (id: string): string => all.find((stage) => stage.id === id)?.title ?? id
  const table = (answer: TransitionsAnswer) => moveTable('Just left', [...answer.items, ...pages.more], { stages: all, title })
  return (
    <Picture
      title="Just left"
      lead="Those that were noticed last stand first."
      class="just-left"
      isTableItself
      loaded={pages.first}
      asOf={({ asOf }) => asOf}
      emptiness={({ items }) => (items.length === 0 ? 'Nobody has left yet.' : undefined)}
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
