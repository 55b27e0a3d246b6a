import { useEffect, useState } from 'preact/hooks'
import { address, addressOf } from '../address/shown-address.ts'
import type { MembersAnswer } from '../answers/answers.ts'
import { getAnswer, Refused } from '../answers/get-answer.ts'
import { inCycle, now } from '../answers/shown-cycle.ts'
import { stages } from '../answers/shown-stages.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { visible } from '../format/ids.ts'
import { count, counted } from '../format/numbers.ts'
import { duration } from '../format/times.ts'
import { accentOf } from '../parts/accent.ts'
import { Link } from '../parts/link.tsx'
import { Lookup } from '../parts/lookup.tsx'
import { Picture } from '../parts/picture.tsx'
import { Table, type TableOf } from '../parts/table.tsx'
import { Time } from '../parts/time.tsx'
import { ActorPage } from './actor-page.tsx'

const PAGE = 100

/** One actor, or the actors of a stage. */
export function PeopleView() {
  const { actor, stage } = address.value
  const all = stages.value.answer?.stages ?? []
  const shown = all.find(({ id }) => id === stage) ?? all[0]
  return (
    <>
      <Lookup />
      {actor === undefined ? (
        <>
          <nav class="tabs" aria-label="Stages">
            {all.map(({ id, title, actors }) => (
              <Link key={id} to={addressOf('people', { stage: id })} class={`tab ${accentOf(all, id)}`} isCurrent={id === shown?.id}>
                <span class="dot" aria-hidden="true" />
                {title} <span class="tab-count">{count(actors)}</span>
              </Link>
            ))}
          </nav>
          {shown === undefined ? null : <Members key={shown.id} id={shown.id} title={shown.title} actors={shown.actors} />}
        </>
      ) : (
        <ActorPage id={actor} />
      )}
    </>
  )
}

type Member = MembersAnswer['items'][number]

/** The actors of a stage: as many as it counts, page by page. */
function Members({ id, title, actors }: { readonly id: string; readonly title: string; readonly actors: number }) {
  const path = inCycle(`stages/${encodeURIComponent(id)}/actors?limit=${PAGE}`)
  // A change of the count asks again.
  const first = useAnswer<MembersAnswer>(path, { everyMs: 5000 })
  const [more, setMore] = useState<{ readonly items: readonly Member[]; readonly next: string | null } | undefined>(undefined)
  const [failure, setFailure] = useState<string | undefined>(undefined)
  const next = more === undefined ? first.answer?.next : more.next
  useEffect(() => {
    setMore(undefined)
  }, [path, actors])
  const readMore = async (): Promise<void> => {
    try {
      const page = await getAnswer<MembersAnswer>(`${path}&after=${encodeURIComponent(next ?? '')}`)
      setMore({ items: [...(more?.items ?? []), ...page.items], next: page.next })
      setFailure(undefined)
    } catch (error) {
      setFailure(error instanceof Refused ? error.message : String(error))
    }
  }
  const table = (answer: MembersAnswer): TableOf<Member> => membersTable(title, [...answer.items, ...(more?.items ?? [])])
  return (
    <Picture
      title={`${counted(actors, 'actor')} in ${title}`}
      lead="Who has been there longest stands first."
      class="members"
      isTableItself
      loaded={first}
      asOf={({ asOf }) => asOf}
      emptiness={({ items }) => (items.length === 0 ? 'Nobody is in this stage.' : undefined)}
      table={table}
    >
      {(answer) => (
        <>
          <Table table={table(answer)} />
          {failure === undefined ? null : <p class="refused">{failure}</p>}
          <p class="more">
            <span class="quiet-text" data-listed>
              {count(answer.items.length + (more?.items.length ?? 0))} of {count(actors)} listed
            </span>
            {next === null || next === undefined ? null : (
              <button type="button" onClick={() => void readMore()}>
                Show more
              </button>
            )}
          </p>
        </>
      )}
    </Picture>
  )
}

function membersTable(title: string, rows: readonly Member[]): TableOf<Member> {
  return {
    name: `Actors in ${title}`,
    rows,
    keyOf: ({ actor }) => actor.id,
    columns: [
      { title: 'Actor', cell: ({ actor }) => <Link to={addressOf('people', { actor: actor.id })}>{visible(actor.id)}</Link>, value: ({ actor }) => actor.id },
      { title: 'There since', cell: ({ since }) => <Time iso={since} />, value: ({ since }) => since },
      {
        title: 'For',
        isNumber: true,
        cell: ({ since }) => duration(now.value - Date.parse(since)),
        value: ({ since }) => Math.round((now.value - Date.parse(since)) / 1000),
      },
    ],
  }
}
