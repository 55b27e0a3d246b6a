import type { EventNamesAnswer } from '../answers/answers.ts'
import { cycleParameter, inCycle, zone } from '../answers/shown-cycle.ts'
import { stages } from '../answers/shown-stages.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { count, counted } from '../format/numbers.ts'
import { localTime } from '../format/times.ts'
import { Picture } from '../parts/picture.tsx'
import { Table, type TableOf } from '../parts/table.tsx'
import { Time } from '../parts/time.tsx'
import { EventNotes } from './event-notes.tsx'
import { Quarantine } from './quarantine.tsx'
import { Remarks } from './remarks.tsx'

const SHOWN_MAX = 25
const EVERY_MS = 10_000

type Name = EventNamesAnswer['items'][number]

/** Which events come in, what does not fit, and what was refused. */
export function EventsView() {
  const loaded = useAnswer<EventNamesAnswer>(inCycle('') === null ? null : `/v1/event-names?${cycleParameter()}`, { everyMs: EVERY_MS })
  return (
    <>
      <Remarks />
      <Quarantine />
      <Picture
        title="Which events come in"
        class="event-names"
        isTableItself
        lead={loaded.answer === undefined ? undefined : summaryOf(loaded.answer)}
        loaded={loaded}
        asOf={() => stages.value.answer?.asOf}
        table={tableOf}
        emptiness={({ items, others }) => (items.length === 0 && others.events === 0 ? 'No event has come yet.' : undefined)}
      >
        {(answer) => (
          <>
            <Table table={{ ...tableOf(answer), rows: shownOf(answer.items) }} />
            <EventNotes answer={answer} hidden={answer.items.length - shownOf(answer.items).length} />
          </>
        )}
      </Picture>
    </>
  )
}

/** Names that need a look are shown wherever they stand in the order of numbers. */
const shownOf = (items: readonly Name[]): Name[] => items.filter(({ near, defects }, index) => index < SHOWN_MAX || near !== null || defects > 0)

function summaryOf({ items, others, since }: EventNamesAnswer): string {
  const from = since === null ? '' : `, counted since ${localTime(since, zone.value)}`
  const rest = others.events === 0 ? '' : `, and ${count(others.events)} events of other names`
  return `${counted(items.length, 'name')}${rest}${from}.`
}

function tableOf(answer: EventNamesAnswer): TableOf<Name> {
  return {
    name: 'Which events come in',
    rows: answer.items,
    keyOf: ({ event }) => event,
    attributesOf: ({ event }) => ({ 'data-event': event }),
    columns: [
      { title: 'Event', cell: ({ event }) => <code>{event}</code>, value: ({ event }) => event },
      { title: 'Stored', isNumber: true, cell: ({ events }) => count(events), value: ({ events }) => events },
      { title: 'First', isMinor: true, cell: ({ firstAt }) => (firstAt === null ? '–' : <Time iso={firstAt} />), value: ({ firstAt }) => firstAt },
      { title: 'Last', isMinor: true, cell: ({ lastAt }) => (lastAt === null ? '–' : <Time iso={lastAt} />), value: ({ lastAt }) => lastAt },
      {
        title: 'Worth knowing',
        cell: (item) => (
          <>
            <WorthKnowing item={item} unplanned={answer.unplanned} />
            <Defects item={item} />
          </>
        ),
        value: ({ signals, near, defects }) =>
          [...signals, ...(near === null ? [] : [`like ${near}`]), ...(defects > 0 ? [`${defects} defects`] : [])].join('; '),
      },
    ],
  }
}

function WorthKnowing({ item, unplanned }: { readonly item: Name; readonly unplanned: EventNamesAnswer['unplanned'] }) {
  const { signals, near, contract } = item
  return (
    <>
      {signals.length > 0 ? <span class="remark">signal {signals.join(', ')}</span> : null}
      {near === null ? null : (
        <span class="remark">
          looks like <code>{near}</code>
        </span>
      )}
      {signals.length === 0 && near === null ? <span class="remark">no signal</span> : null}
      {contract === null ? null : (
        <span class="remark">
          contract {contract.version}, {contract.mode === 'enforce' ? 'enforced' : 'observed'}
        </span>
      )}
      {contract === null && unplanned !== null && unplanned !== 'allow' ? <span class="remark">not in the plan</span> : null}
    </>
  )
}

function Defects({ item }: { readonly item: Name }) {
  const { event, defects, samples } = item
  if (defects === 0) return null
  return (
    <details>
      <summary>
        {counted(defects, 'defect')}
        <span class="unseen"> of {event}</span>
      </summary>
      <ul>
        {samples.map(({ path, events, reason, actor, id, receivedAt }) => (
          <li key={path}>
            {counted(events, 'event')}: <code>{reason}</code> (the last: {id} of {actor}, <Time iso={receivedAt} />)
          </li>
        ))}
      </ul>
    </details>
  )
}
