import type { ComponentChildren } from 'preact'
import { addressOf } from '../../address/shown-address.ts'
import type { CountsAnswer, Freshness as Moment, RefusedCounts } from '../../answers/answers.ts'
import { now } from '../../answers/shown-cycle.ts'
import { stages } from '../../answers/shown-stages.ts'
import { type Loaded, useAnswer } from '../../answers/use-answer.ts'
import { count } from '../../format/numbers.ts'
import { duration } from '../../format/times.ts'
import { Link } from '../../parts/link.tsx'
import { Card } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'

const REFRESH_MS = 5000

/** What a process says of itself. Only one that writes the log as well says all of it. */
interface Details {
  readonly status: string
  readonly logTime?: string | null
  readonly logEndTime?: string | null
  readonly importing?: boolean
  readonly heldBytes?: number
}

/** A part of the way from an event to a number. */
interface Part {
  readonly title: string
  readonly what: string
  readonly value: ComponentChildren
}

/**
 * How far each part of the way from an event to a number is.
 * @param history any answer of history
 */
export function HowFresh({ history }: { readonly history: Loaded<CountsAnswer> }) {
  const health = useAnswer<Details>('/v1/health', { everyMs: REFRESH_MS })
  const refused = useAnswer<RefusedCounts>('/v1/quarantine/counts', { everyMs: REFRESH_MS })
  const { answer } = stages.value
  const isImporting = health.answer?.importing === true
  const parts: Part[] = [
    ...logOf(health.answer),
    { title: 'Counts of now', what: 'stages, people, receipts', value: <Age of={answer?.asOf} isImporting={isImporting} /> },
    {
      title: 'History',
      what: 'all pictures over ranges',
      value: <Age of={history.answer?.asOf} isImporting={isImporting} none={history.refused === undefined ? 'not yet' : 'none here'} />,
    },
    ...refusedOf(refused.answer),
  ]
  return (
    <Card title="From an event to a number" id="how-fresh">
      <dl class="parts">
        {parts.map(({ title, what, value }) => (
          <div key={title}>
            <dt>
              {title}
              <span class="quiet-text">{what}</span>
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

/** The log, and how far the fold is behind its end; nothing where the process does not know it. */
function logOf(details: Details | undefined): Part[] {
  if (details?.logEndTime === undefined) return []
  const { logTime, logEndTime, importing, heldBytes = 0 } = details
  const behindMs = logTime == null || logEndTime === null ? undefined : Date.parse(logEndTime) - Date.parse(logTime)
  return [
    { title: 'Log', what: 'every accepted event is in it', value: logEndTime === null ? 'empty' : <Time iso={logEndTime} /> },
    {
      title: 'Fold',
      what: importing === true ? `an import goes on; ${count(heldBytes)} bytes of live events wait` : 'makes transitions from events',
      value: behindMs === undefined ? 'not begun' : behindMs <= 0 ? 'at the end of the log' : `${duration(behindMs)} behind the log`,
    },
  ]
}

function refusedOf(refused: RefusedCounts | undefined): Part[] {
  if (refused === undefined) return []
  const { open, more } = refused
  return [
    {
      title: 'Refused events',
      what: 'kept with their reasons; they count nowhere',
      value:
        open === 0 ? (
          'none open'
        ) : (
          <Link to={addressOf('events')}>
            {count(open)}
            {more ? ' and more' : ''} open
          </Link>
        ),
    },
  ]
}

/** What {@link Age} shows. */
interface AgeOf {
  readonly of: Moment | undefined
  readonly isImporting: boolean
  readonly none?: string
}

/** Up to when something counts, and how long ago that is. During an import it is old because the history comes first, which is no fault. */
function Age({ of, isImporting, none = 'not yet' }: AgeOf) {
  if (of === undefined || of.logTime === null) return <>{none}</>
  return (
    <>
      <Time iso={of.logTime} />
      <span class="quiet-text">{isImporting ? 'so far an import has come' : `${duration(Math.max(0, now.value - Date.parse(of.logTime)))} ago`}</span>
    </>
  )
}
