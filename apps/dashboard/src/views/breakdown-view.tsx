import type { Address } from '../address/address.ts'
import { address, addressOf } from '../address/shown-address.ts'
import type { BreakdownsAnswer } from '../answers/answers.ts'
import { inCycle } from '../answers/shown-cycle.ts'
import { stages as live } from '../answers/shown-stages.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { usePages } from '../answers/use-pages.ts'
import { TraitFilters } from '../controls/trait-filters.tsx'
import { count, counted, share } from '../format/numbers.ts'
import { accentOf } from '../parts/accent.ts'
import { Choice } from '../parts/choice.tsx'
import { CountLink } from '../parts/count-link.tsx'
import { More } from '../parts/more.tsx'
import { Picture } from '../parts/picture.tsx'
import { Absent } from '../parts/states.tsx'
import { Table, type TableOf } from '../parts/table.tsx'
import { whereQuery } from '../ranges/shown-range.ts'

type Value = BreakdownsAnswer['items'][number]
const PAGE = 50

/** The stages by the values of a trait. */
export function BreakdownView() {
  const known = useAnswer<BreakdownsAnswer>(inCycle('breakdowns'), { everyMs: 30_000 })
  const traits = known.answer?.traits ?? []
  const trait = traits.find(({ name }) => name === address.value.trait) ?? traits[0]
  if (known.answer === undefined) {
    return (
      <section class="card">
        <Absent loaded={known} />
      </section>
    )
  }
  if (trait === undefined) {
    return (
      <section class="card">
        <p class="empty">No actor has a trait yet. Traits come with identify calls, such as the country or the plan of a user.</p>
      </section>
    )
  }
  return (
    <>
      <div class="controls">
        <Choice name="trait" title="Trait" options={traits.map(({ name }) => ({ name, title: name }))} chosen={trait.name} />
        <TraitFilters />
      </div>
      <Breakdown key={trait.name} trait={trait.name} />
    </>
  )
}

function Breakdown({ trait }: { readonly trait: string }) {
  const pages = usePages<Value, BreakdownsAnswer>(inCycle(`breakdowns?trait=${encodeURIComponent(trait)}&limit=${PAGE}${whereQuery()}`), undefined, {
    everyMs: 15_000,
  })
  const table = (answer: BreakdownsAnswer): TableOf<Value> => valueTable(trait, [...answer.items, ...pages.more])
  return (
    <Picture
      title={`Stages by ${trait}`}
      class="breakdown"
      lead="Each row has the actors whose newest value is this one: the bar shows in which stages they are now."
      isTableItself
      loaded={pages.first}
      asOf={({ asOf }) => asOf}
      emptiness={({ items }) => (items.length === 0 ? 'Nobody is in any stage.' : undefined)}
      table={table}
    >
      {(answer) => (
        <>
          <Table table={table(answer)} />
          <p class="quiet-text">
            {counted(answer.values, 'value')}, {counted(answer.total, 'actor')}.
          </p>
          <More pages={pages} listed={answer.items.length + pages.more.length} total={answer.values} />
        </>
      )}
    </Picture>
  )
}

function valueTable(trait: string, rows: readonly Value[]): TableOf<Value> {
  const all = live.value.answer?.stages ?? []
  return {
    name: `Stages by ${trait}`,
    rows,
    keyOf: ({ value }) => String(value),
    columns: [
      { title: trait, cell: ({ value }) => value ?? <em>none</em>, value: ({ value }) => value },
      { title: 'Actors', isNumber: true, cell: ({ total }) => <strong>{count(total)}</strong>, value: ({ total }) => total },
      {
        title: 'Where they are',
        cell: (row) => <Shares row={row} />,
        value: ({ total, stages }) => all.map(({ id, title }) => `${title} ${share(stages[id] ?? 0, total)}`).join('; '),
      },
      ...all.map(({ id, title }) => ({
        title,
        isNumber: true,
        isMinor: true,
        cell: ({ value, stages, total }: Value) => (
          <span title={share(stages[id] ?? 0, total)}>
            <CountLink
              value={stages[id] ?? 0}
              of={`in ${title}, ${value === null ? `without ${trait}` : `${trait} ${value}`}`}
              to={peopleWith(trait, value, id)}
            />
          </span>
        ),
        value: ({ stages }: Value) => stages[id] ?? 0,
      })),
    ],
  }
}

/** The list of the actors of a stage with a value of a trait; null: without the trait. */
function peopleWith(trait: string, value: string | null, stage: string): Address {
  const others = address.value.where.filter((filter) => filter.trait !== trait || filter.value !== value)
  return addressOf('people', { stage, where: [...others, { trait, value }] })
}

function Shares({ row }: { readonly row: Value }) {
  const all = live.value.answer?.stages ?? []
  let before = 0
  return (
    <svg class="share-bar wide" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      {all.map(({ id }) => {
        const [x, width] = [before, (100 * (row.stages[id] ?? 0)) / row.total]
        before += width
        return <rect key={id} class={accentOf(all, id)} x={x} y={0} width={Math.max(0, width - 0.25)} height={4} />
      })}
    </svg>
  )
}
