import { address } from '../../address/shown-address.ts'
import type { TransitionsAnswer } from '../../answers/answers.ts'
import { inCycle, zone } from '../../answers/shown-cycle.ts'
import { stages as live } from '../../answers/shown-stages.ts'
import { stageTitle } from '../../answers/stage-title.ts'
import { usePages } from '../../answers/use-pages.ts'
import { counted } from '../../format/numbers.ts'
import { localTime } from '../../format/times.ts'
import { Listing } from '../../parts/listing.tsx'
import { whereQuery } from '../../ranges/shown-range.ts'
import { moveTable } from './move-table.tsx'

const PAGE = 100

/** The transitions of a part of time: into a stage, or out of one. */
export function Moves() {
  const { source, to, kind, since = '', until = '' } = address.value
  const all = live.value.answer?.stages ?? []
  const title = (id: string): string => stageTitle(all, id, id === 'start' ? 'nowhere (new)' : id)
  const parameters = { from: since, until, source, target: to, kind, limit: String(PAGE) }
  const query = new URLSearchParams(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''))
  const pages = usePages<TransitionsAnswer['items'][number], TransitionsAnswer>(inCycle(`transitions?${query}${whereQuery()}`), undefined)
  const way = [source === undefined ? '' : `out of ${title(source)}`, to === undefined ? '' : `into ${title(to)}`].filter(Boolean).join(' ')
  const total = pages.first.answer?.total
  const moment = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : localTime(iso, zone.value))
  return (
    <Listing
      title={`${total === undefined ? 'Moves' : counted(total, 'move')} ${way}`}
      lead={`From ${moment(since)} until ${moment(until)}, those that were noticed last first. An actor may have moved more than once.`}
      class="moves"
      pages={pages}
      total={total}
      empty="Nobody moved so in this time."
      table={(items) => moveTable(`Moves ${way}`, items, { stages: all, title })}
    />
  )
}
