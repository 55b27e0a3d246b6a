import { address, addressOf } from '../address/shown-address.ts'
import type { StagesAnswer } from '../answers/answers.ts'
import { inCycle, zone } from '../answers/shown-cycle.ts'
import { stages as live } from '../answers/shown-stages.ts'
import { stageTitle } from '../answers/stage-title.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { TraitFilters } from '../controls/trait-filters.tsx'
import { count } from '../format/numbers.ts'
import { localTime } from '../format/times.ts'
import { accentOf } from '../parts/accent.ts'
import { Link } from '../parts/link.tsx'
import { Lookup } from '../parts/lookup.tsx'
import { whereQuery } from '../ranges/shown-range.ts'
import { ActorPage } from './actor-page.tsx'
import { Members } from './people/members.tsx'
import { Moves } from './people/moves.tsx'

/** One actor, the actors of a stage, or those behind another number. */
export function PeopleView() {
  const { actor } = address.value
  return (
    <>
      <Lookup />
      {actor !== undefined ? <ActorPage id={actor} /> : <Lists />}
    </>
  )
}

/** The lists behind numbers. Counts of some actors alone, and those of other moments, are counts of history. */
function Lists() {
  const { at, since, where } = address.value
  return (
    <>
      <div class="controls">
        <TraitFilters />
      </div>
      {at === undefined && since !== undefined ? <Moves /> : at === undefined && where.length === 0 ? <StagesNow /> : <StagesAt at={at} />}
    </>
  )
}

function StagesNow() {
  const { stage } = address.value
  const all = live.value.answer?.stages ?? []
  const shown = all.find(({ id }) => id === stage) ?? all[0]
  return (
    <>
      <Tabs all={all} shown={shown?.id} />
      {shown === undefined ? null : <Members key={shown.id} id={shown.id} title={shown.title} actors={shown.actors} />}
    </>
  )
}

/** Who was in a stage at a moment, or is there now, of the actors that the filters leave. */
function StagesAt({ at }: { readonly at: string | undefined }) {
  const { stage, source, since } = address.value
  const then = useAnswer<StagesAnswer>(inCycle(`stages?${momentQuery(at)}`), { everyMs: at === undefined ? REFRESH_MS : undefined })
  const all = live.value.answer?.stages ?? []
  const counted = all.map((each) => ({ ...each, actors: then.answer?.stages.find(({ id }) => id === each.id)?.actors }))
  const shown = counted.find(({ id }) => id === stage) ?? counted[0]
  return (
    <>
      {at === undefined ? null : <Moment at={at} stage={stage} />}
      {shown === undefined ? null : at === undefined || source === undefined || since === undefined ? (
        <>
          <Tabs all={counted} shown={shown.id} at={at} />
          <Members key={shown.id} id={shown.id} title={shown.title} actors={shown.actors} at={at} />
        </>
      ) : (
        <Movers all={counted} target={shown} way={{ source, since, at }} />
      )}
    </>
  )
}

/** Those that got from one stage to another between two moments. */
function Movers({
  all,
  target,
  way,
}: {
  readonly all: readonly Tab[]
  readonly target: Tab
  readonly way: Readonly<Record<'source' | 'since' | 'at', string>>
}) {
  const { source, since, at } = way
  const left = stageTitle(all, source, 'nowhere (new)')
  const title = `From ${left} to ${target.title} since ${localTime(since, zone.value)}`
  return <Members id={target.id} title={title} actors={undefined} at={at} since={{ source, at: since }} />
}

const REFRESH_MS = 15_000

/** As of when, and of whom, as parameters. */
const momentQuery = (at: string | undefined): string => `${at === undefined ? '' : `&at=${encodeURIComponent(at)}`}${whereQuery()}`.slice(1)

function Moment({ at, stage }: { readonly at: string; readonly stage: string | undefined }) {
  const isDate = !Number.isNaN(Date.parse(at))
  return (
    <p class="note row-note">
      <span>
        As it was at <strong>{isDate ? `${localTime(at, zone.value)} ${zone.value}` : at}</strong>, by what is known now.
      </span>
      <Link to={addressOf('people', { stage })}>Show those of now</Link>
    </p>
  )
}

/** A stage with its count, as far as it is known. */
type Tab = Omit<StagesAnswer['stages'][number], 'actors'> & { readonly actors: number | undefined }

function Tabs({ all, shown, at }: { readonly all: readonly Tab[]; readonly shown: string | undefined; readonly at?: string | undefined }) {
  return (
    <nav class="tabs" aria-label="Stages">
      {all.map(({ id, title, actors }) => (
        <Link key={id} to={addressOf('people', { stage: id, at })} class={`tab ${accentOf(all, id)}`} isCurrent={id === shown}>
          <span class="dot" aria-hidden="true" />
          {title} <span class="tab-count">{actors === undefined ? '…' : count(actors)}</span>
        </Link>
      ))}
    </nav>
  )
}
