import { useEffect, useRef, useState } from 'preact/hooks'
import { visits } from '../address/shown-address.ts'
import type { HistoryAnswer, Receipt } from '../answers/answers.ts'
import { getAnswer, Refused } from '../answers/get-answer.ts'
import { cycle, cycleParameter, definition, now } from '../answers/shown-cycle.ts'
import { stages } from '../answers/shown-stages.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { visible } from '../format/ids.ts'
import { duration } from '../format/times.ts'
import { accentOf } from '../parts/accent.ts'
import { ApiLink } from '../parts/picture.tsx'
import { Freshness, Time } from '../parts/time.tsx'
import { Timeline } from '../pictures/timeline.tsx'
import { Prospect } from './prospect.tsx'

const PAGE = 50

/** The path of the answer about an actor; null as long as no cycle is known. */
const pathOf = (id: string, type: string | undefined): string | null =>
  type === undefined ? null : `/v1/actors?${cycleParameter()}&type=${encodeURIComponent(type)}&id=${encodeURIComponent(id)}&limit=${PAGE}`

/** One actor: the stage now and why, what comes next, and everything that happened. */
export function ActorPage({ id }: { readonly id: string }) {
  const type = cycle.value?.actor
  const path = pathOf(id, type)
  const loaded = useAnswer<HistoryAnswer>(path, { everyMs: 5000 })
  const place = useRef<HTMLElement>(null)
  const visit = visits.value
  useEffect(() => {
    // Somebody asked, so the answer gets the focus.
    if (visit > 0) place.current?.focus({ preventScroll: true })
  }, [id, visit])
  const { answer, refused, receivedAt } = loaded
  return (
    <section class="card actor" id="actor" ref={place} tabIndex={-1} aria-label={`${type} ${visible(id)}`}>
      {answer === undefined ? (
        <p class={refused === undefined ? 'quiet-text' : 'empty'}>{refused?.message ?? 'Loading …'}</p>
      ) : (
        <>
          <Head id={id} answer={answer} />
          <Prospect answer={answer} definition={definition.value} now={now.value} />
          <Timeline history={answer.history} stages={stages.value.answer?.stages ?? []} until={now.value} />
          <History id={id} answer={answer} path={path ?? ''} />
          <footer class="card-foot">
            <Freshness asOf={answer.asOf} receivedAt={receivedAt} />
            <span class="actions">
              <ApiLink path={path} title={visible(id)} />
            </span>
          </footer>
        </>
      )}
    </section>
  )
}

function Head({ id, answer }: { readonly id: string; readonly answer: HistoryAnswer }) {
  const { actor, stage, title, since } = answer
  const who = `${actor.type} ${visible(id)}`
  if (stage === null || since === null) return <h2 class="actor-name">{who} is in no stage: all its transitions were retracted.</h2>
  return (
    <header class={`actor-head ${accentOf(stages.value.answer?.stages ?? [], stage)}`}>
      <h2 class="actor-name">
        {who}: <span class="pill">{title}</span>
      </h2>
      <p class="quiet-text">
        since <Time iso={since} />, for {duration(Math.max(0, now.value - Date.parse(since)))}
      </p>
    </header>
  )
}

/** Everything that happened, newest first, page by page. */
function History({ id, answer, path }: { readonly id: string; readonly answer: HistoryAnswer; readonly path: string }) {
  const [earlier, setEarlier] = useState<{ readonly receipts: readonly Receipt[]; readonly next: number | null } | undefined>(undefined)
  const [failure, setFailure] = useState<string | undefined>(undefined)
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => setEarlier(undefined), [path])
  const next = earlier === undefined ? answer.next : earlier.next
  const readEarlier = async (): Promise<void> => {
    try {
      const before = list.current?.children.length ?? 0
      const page = await getAnswer<HistoryAnswer>(`${path}&before=${next}`)
      setEarlier({ receipts: [...(earlier?.receipts ?? []), ...page.history], next: page.next })
      requestAnimationFrame(() => list.current?.children[before]?.querySelector('summary')?.focus())
    } catch (error) {
      setFailure(error instanceof Refused ? error.message : String(error))
    }
  }
  const receipts = [...answer.history, ...(earlier?.receipts ?? [])]
  return (
    <>
      <h3>What happened, newest first</h3>
      <ol class="history" ref={list} aria-label={`What happened to ${visible(id)}, newest first`}>
        {receipts.map((receipt) => (
          <ReceiptItem key={receipt.output.id} receipt={receipt} />
        ))}
      </ol>
      {failure === undefined ? null : <p class="refused">{failure}</p>}
      {next === null ? null : (
        <button type="button" onClick={() => void readEarlier()}>
          Earlier ones
        </button>
      )}
    </>
  )
}

function ReceiptItem({ receipt }: { readonly receipt: Receipt }) {
  const { output, words, grounds, retracted } = receipt
  return (
    <li class={accentOf(stages.value.answer?.stages ?? [], output.to)} data-kind={output.kind}>
      <span class="dot" aria-hidden="true" />
      <Time iso={output.at} />
      <div>
        <span class={retracted ? 'gone' : undefined}>{words}</span>
        {retracted ? ' (retracted since)' : ''}
        <details>
          <summary>
            Why<span class="unseen"> on {output.at.slice(0, 10)}</span>
          </summary>
          <ul>
            {grounds.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      </div>
    </li>
  )
}
