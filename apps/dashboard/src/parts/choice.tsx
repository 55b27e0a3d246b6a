import { adjust } from '../address/shown-address.ts'

/** One of the things that can be chosen. */
interface Option {
  readonly name: string
  readonly title: string
}

/** What a choice needs. */
interface ChoiceProps {
  /** The part of the address that it changes. */
  readonly name: 'range' | 'by' | 'kind' | 'to' | 'trait' | 'stage'
  readonly title: string
  readonly options: readonly Option[]
  readonly chosen: string
}

/** A few things to choose from, side by side. The address keeps the choice. */
export function Choice({ name, title, options, chosen }: ChoiceProps) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{title}</legend>
      {options.map((option) => (
        <button key={option.name} type="button" aria-pressed={option.name === chosen} onClick={() => adjust({ [name]: option.name })}>
          {option.title}
        </button>
      ))}
    </fieldset>
  )
}
