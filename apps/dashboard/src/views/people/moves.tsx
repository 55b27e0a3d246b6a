import { address } from '../../address/shown-address.ts'
import type { TransitionsAnswer } from '../../answers/answers.ts'
import { inCycle, zone } from '../../answers/shown-cycle.ts'
import { stages as live } from '../../answers/shown-stages.ts'
import { usePages } from '../../answers/use-pages.ts'
import { counted } from '../../format/numbers.ts'
import { localTime } from '../../format/times.ts'
import { More } from '../../parts/more.tsx'
import { Picture } from '../../parts/picture.tsx'
import { Table } from '../../parts/table.tsx'
import { whereQuery } from '../../ranges/shown-range.ts'
import { moveTable } from './move-table.tsx'

const PAGE = 100

/** The transitions of a part of time: into a stage, or out of one. */
export function Moves() {
  const { source, to, kind, since = '', until = '' } = address.value
  const all = live.value.answer?.stages ?? []
  const title = (id: string): string => all.find((stage) => stage.id === id)?.title ?? (id === 'start' ? 'nowhere (new)' : id)
  const parameters = { from: since, until, source, target: to, kind, limit: String(PAGE) }
  const query = new URLSearchParams(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''))
  const pages = usePages<TransitionsAnswer['items'][number], TransitionsAnswer>(inCycle(`transitions?${query}${whereQuery()}`), undefined)
  const way = [source === undefined ? '' : `out of ${title(source)}`, to === undefined ? '' : `into ${title(to)}`].filter(Boolean).join(' ')
  const total = pages.first.answer?.total
  const moment = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : localTime(iso, zone.value))
  const table = (answer: TransitionsAnswer) => moveTable(`Moves ${way}`, [...answer.items, ...pages.more], { stages: all, title })
  return (
    <Picture
      title={`${total === undefined ? 'Moves' : counted(total, 'move')} ${way}`}
      lead={`From ${moment(since)} until ${moment(until)}, those that were noticed last first. An actor may have moved more than once.`}
      class="moves"
      isTableItself
      loaded={pages.first}
      asOf={({ asOf }) => asOf}
      emptiness={({ items }) => (items.length === 0 ? 'Nobody moved so in this time.' : undefined)}
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
