import { useState } from 'preact/hooks'
import type { RefusedCounts, RefusedList } from '../answers/answers.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { count } from '../format/numbers.ts'
import { Absent, Card } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

const SHOWN_MAX = 8
const EVERY_MS = 30_000

type Reason = RefusedCounts['reasons'][number]

/** Refused events by their reasons, each with its events and the command that tries a repair. Nothing while there are none. */
export function Quarantine() {
  const { answer } = useAnswer<RefusedCounts>('/v1/quarantine/counts', { everyMs: EVERY_MS })
  if (answer === undefined || answer.open === 0) return null
  const { open, more, usage, reasons } = answer
  const removed = usage.dropped.records === 0 ? '' : `; the limits have removed ${count(usage.dropped.records)}`
  return (
    <Card
      title="Refused events"
      id="refused"
      aside={
        <p class="lead" id="refused-summary">
          {`${count(open)}${more ? ' and more' : ''} ${open === 1 && !more ? 'is' : 'are'} open${removed}`}
        </p>
      }
    >
      <ul class="reasons">
        {reasons.slice(0, SHOWN_MAX).map((reason) => (
          <ReasonItem key={`${reason.code} ${reason.reason}`} reason={reason} />
        ))}
      </ul>
      {reasons.length > SHOWN_MAX ? (
        <p class="quiet-text">
          {count(reasons.length - SHOWN_MAX)} more reasons: <a href="/v1/quarantine/counts">/v1/quarantine/counts</a>
        </p>
      ) : null}
    </Card>
  )
}

function ReasonItem({ reason: { code, reason, count: events, id } }: { readonly reason: Reason }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <strong>{count(events)}</strong> × {reason} <code>{code}</code>
          <span class="unseen">: open the events</span>
        </summary>
        {isOpen ? <RefusedEvents code={code} reason={reason} /> : null}
        <p class="quiet-text">
          See what a repair would do: <code>rondo quarantine preview --code {code}</code>. <a href={`/v1/quarantine/${encodeURIComponent(id)}`}>An example</a>
        </p>
      </details>
    </li>
  )
}

function RefusedEvents({ code, reason }: { readonly code: string; readonly reason: string }) {
  const loaded = useAnswer<RefusedList>(`/v1/quarantine?code=${encodeURIComponent(code)}&limit=1000`)
  if (loaded.answer === undefined) return <Absent loaded={loaded} />
  const items = loaded.answer.items.filter(({ record }) => record.reason === reason)
  return (
    <ol class="raw-events">
      {items.map(({ id, record }) => (
        <li key={id}>
          {record.refusedAt === null ? null : <Time iso={record.refusedAt} />} <a href={`/v1/quarantine/${encodeURIComponent(id)}`}>{id}</a>
          <pre>{record.raw}</pre>
        </li>
      ))}
    </ol>
  )
}
