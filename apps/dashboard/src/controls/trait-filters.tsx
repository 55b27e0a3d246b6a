import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { formatFilter } from '../address/address.ts'
import { address, adjust } from '../address/shown-address.ts'
import type { BreakdownsAnswer } from '../answers/answers.ts'
import { inCycle } from '../answers/shown-cycle.ts'
import { useAnswer } from '../answers/use-answer.ts'

/** Who is counted: only actors with certain traits. */
export function TraitFilters() {
  const { where } = address.value
  const [isAdding, setAdding] = useState(false)
  return (
    <div class="filters">
      {where.map((filter, index) => {
        const text = filter.value === null ? `no ${filter.trait}` : `${filter.trait} is ${filter.value}`
        return (
          <span key={formatFilter(filter)} class="filter">
            {text}
            <button type="button" aria-label={`Remove the filter ${text}`} onClick={() => adjust({ where: where.toSpliced(index, 1) })}>
              ×
            </button>
          </span>
        )
      })}
      {isAdding ? (
        <NewFilter leave={() => setAdding(false)} />
      ) : (
        <button type="button" class="add-filter" onClick={() => setAdding(true)}>
          + Filter
        </button>
      )}
    </div>
  )
}

/** How many values of a trait are offered: those with most actors. */
const OFFERED_MAX = 50

/** A form with a trait and a value. It offers those that there are, and takes others too. */
function NewFilter({ leave }: { readonly leave: () => void }) {
  const id = useId()
  const [trait, setTrait] = useState('')
  const names = (useAnswer<BreakdownsAnswer>(inCycle('breakdowns')).answer?.traits ?? []).map(({ name }) => name)
  const ofTrait = names.includes(trait) ? inCycle(`breakdowns?trait=${encodeURIComponent(trait)}&limit=${OFFERED_MAX}`) : null
  const values = (useAnswer<BreakdownsAnswer>(ofTrait).answer?.items ?? []).flatMap(({ value }) => value ?? [])
  const { where } = address.value
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const add = (event: SubmitEvent): void => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const [trait, value] = [String(data.get('trait')).trim(), String(data.get('value')).trim()]
    if (trait !== '' && !trait.includes(':'))
      adjust({ where: [...where.filter((filter) => filter.trait !== trait || filter.value !== value), { trait, value }] })
    leave()
  }
  return (
    <form class="new-filter" onSubmit={add} onKeyDown={(event) => event.key === 'Escape' && leave()} aria-label="Only actors with a trait">
      <label for={`${id}-trait`} class="unseen">
        Trait
      </label>
      <input
        id={`${id}-trait`}
        name="trait"
        placeholder="trait, such as country"
        required
        pattern="[^:]+"
        autocomplete="off"
        list={`${id}-names`}
        onInput={({ currentTarget }) => setTrait(currentTarget.value)}
        ref={first}
      />
      <Offered id={`${id}-names`} texts={names} />
      <label for={`${id}-value`} class="unseen">
        Value
      </label>
      <input id={`${id}-value`} name="value" placeholder="value, such as NL" required autocomplete="off" list={`${id}-values`} />
      <Offered id={`${id}-values`} texts={values} />
      <button type="submit">Add</button>
      <button type="button" onClick={leave}>
        Cancel
      </button>
    </form>
  )
}

/** What a field offers while one types. */
function Offered({ id, texts }: { readonly id: string; readonly texts: readonly string[] }) {
  return (
    <datalist id={id}>
      {texts.map((text) => (
        <option key={text} value={text} />
      ))}
    </datalist>
  )
}
