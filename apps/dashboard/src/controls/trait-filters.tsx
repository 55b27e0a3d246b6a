import { useId, useState } from 'preact/hooks'
import { formatFilter } from '../address/address.ts'
import { address, adjust } from '../address/shown-address.ts'

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

function NewFilter({ leave }: { readonly leave: () => void }) {
  const id = useId()
  const { where } = address.value
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
      <input id={`${id}-trait`} name="trait" placeholder="trait, such as country" required pattern="[^:]+" autocomplete="off" ref={(input) => input?.focus()} />
      <label for={`${id}-value`} class="unseen">
        Value
      </label>
      <input id={`${id}-value`} name="value" placeholder="value, such as NL" required autocomplete="off" />
      <button type="submit">Add</button>
      <button type="button" onClick={leave}>
        Cancel
      </button>
    </form>
  )
}
