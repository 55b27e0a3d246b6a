import { addressOf } from '../address/shown-address.ts'
import type { FeedItem } from '../answers/answers.ts'
import { isRead, newest } from '../answers/live.ts'
import { stages } from '../answers/shown-stages.ts'
import { accentOf } from './accent.ts'
import { Link } from './link.tsx'
import { Card } from './states.tsx'
import { Freshness, Time } from './time.tsx'

/** The newest outputs as sentences. The list is not announced to screen readers; one sentence says from time to time how many there were. */
export function Newest({ title, most, keep = () => true }: { readonly title: string; readonly most: number; readonly keep?: (item: FeedItem) => boolean }) {
  const shown = newest.value.filter(keep).slice(0, most)
  const { answer, receivedAt } = stages.value
  return (
    <Card title={title} id="newest">
      {shown.length === 0 ? <p class="empty">{isRead.value ? 'Nothing has happened yet.' : 'Loading …'}</p> : null}
      <ol id="transitions" class="sentences" reversed>
        {shown.map((item) => (
          <Sentence key={item.output.id} item={item} />
        ))}
      </ol>
      <footer class="card-foot">
        <Freshness asOf={answer?.asOf} receivedAt={receivedAt} isEmpty={answer?.total === 0} />
        <span class="actions">
          <a class="quiet" href="/v1/transitions?newest=100&words=true" target="_blank" rel="noreferrer">
            API<span class="unseen"> of {title}, in a new tab</span>
          </a>
        </span>
      </footer>
    </Card>
  )
}

/** What happened, with its actor as a link. */
function Sentence({ item }: { readonly item: FeedItem }) {
  const { output, words = '' } = item
  const { type, id } = output.actor
  const who = `${type} ${id}`
  const [before = '', ...after] = words.split(who)
  return (
    <li data-id={output.id} class={accentOf(stages.value.answer?.stages ?? [], output.to)} data-kind={output.kind}>
      <span class="dot" aria-hidden="true" />
      <span>
        {after.length === 0 ? (
          words
        ) : (
          <>
            {before}
            <Link to={addressOf('people', { actor: id })}>{who}</Link>
            {after.join(who)}
          </>
        )}
      </span>
      <Time iso={output.at} />
    </li>
  )
}
