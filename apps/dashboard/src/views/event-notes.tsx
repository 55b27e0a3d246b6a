import type { EventNamesAnswer } from '../answers/answers.ts'
import { count } from '../format/numbers.ts'

/** What was expected and never came, and how many names are not shown. */
export function EventNotes({ answer, hidden }: { readonly answer: EventNamesAnswer; readonly hidden: number }) {
  const { signalsWithoutEvents, pathsWithoutEvents, plannedWithoutEvents } = answer
  if (signalsWithoutEvents.length + pathsWithoutEvents.length + plannedWithoutEvents.length + hidden === 0) return null
  return (
    <ul class="notes">
      {signalsWithoutEvents.map(({ signal, events, named }) => (
        <li key={signal}>
          The signal {signal} has matched no event:{' '}
          {events.map((event, index) => (
            <span key={event}>
              {index === 0 ? '' : ', '}
              <code>{event}</code>
            </span>
          ))}
          {named === 0 ? ' never came.' : ` came ${count(named)} times, and its where did not hold.`}
        </li>
      ))}
      {pathsWithoutEvents.map(({ path, events, wasSeen, near }) => (
        <li key={path}>
          The definition reads <code>{path}</code>, where {wasSeen ? `none of the last ${count(events)} events` : `no event of ${count(events)}`} has a value
          {near === null ? '.' : '; there is '}
          {near === null ? '' : <code>{near}</code>}
        </li>
      ))}
      {plannedWithoutEvents.map(({ event }) => (
        <li key={event}>
          The plan has <code>{event}</code>, which never came.
        </li>
      ))}
      {hidden > 0 ? (
        <li>
          {count(hidden)} more names: <a href="/v1/event-names">/v1/event-names</a>
        </li>
      ) : null}
    </ul>
  )
}
