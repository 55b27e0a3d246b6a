import type { MembersAnswer } from '../../answers/answers.ts'
import { inCycle, now } from '../../answers/shown-cycle.ts'
import { usePages } from '../../answers/use-pages.ts'
import { counted } from '../../format/numbers.ts'
import { duration } from '../../format/times.ts'
import { ActorLink } from '../../parts/actor-link.tsx'
import { Listing } from '../../parts/listing.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { whereQuery } from '../../ranges/shown-range.ts'

const PAGE = 100
type Member = MembersAnswer['items'][number]

/** Which actors are listed. */
interface MembersProps {
  readonly id: string
  readonly title: string
  /** How many they are. */
  readonly actors: number | undefined
  /** As of when; undefined: now. */
  readonly at?: string | undefined
  /** Only those that were in another stage at an earlier moment; `start` is none. */
  readonly since?: { readonly source: string; readonly at: string } | undefined
}

/** The actors of a stage: as many as it counts, page by page. */
export function Members({ id, title, actors, at, since }: MembersProps) {
  const moment = `${at === undefined ? '' : `&at=${encodeURIComponent(at)}`}${whereQuery()}`
  const before = since === undefined ? '' : `&source=${encodeURIComponent(since.source)}&source-at=${encodeURIComponent(since.at)}`
  // A change of the count asks again.
  const pages = usePages<Member, MembersAnswer>(inCycle(`stages/${encodeURIComponent(id)}/actors?limit=${PAGE}${moment}${before}`), actors, {
    everyMs: at === undefined ? 5000 : undefined,
  })
  const until = at === undefined ? now.value : Date.parse(at)
  return (
    <Listing
      title={actors === undefined ? title : `${counted(actors, 'actor')} in ${title}`}
      lead="Who has been there longest stands first."
      class="members"
      pages={pages}
      total={actors}
      empty={`Nobody ${at === undefined ? 'is' : 'was'} in this stage.`}
      table={(items) => membersTable(title, items, until)}
    />
  )
}

function membersTable(title: string, rows: readonly Member[], until: number): TableOf<Member> {
  return {
    name: `Actors in ${title}`,
    rows,
    keyOf: ({ actor }) => actor.id,
    columns: [
      { title: 'Actor', cell: ({ actor }) => <ActorLink id={actor.id} />, value: ({ actor }) => actor.id },
      { title: 'There since', cell: ({ since }) => <Time iso={since} />, value: ({ since }) => since },
      {
        title: 'For',
        isNumber: true,
        cell: ({ since }) => duration(until - Date.parse(since)),
        value: ({ since }) => Math.round((until - Date.parse(since)) / 1000),
      },
    ],
  }
}
