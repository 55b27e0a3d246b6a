import { adjust } from '../address/shown-address.ts'

/** One of the things that can be chosen. */
interface Option {
  readonly name: string
  readonly title: string
}

/** What a choice needs. */
type ChoiceProps = {
  readonly title: string
  readonly options: readonly Option[]
  readonly chosen: string
} & (
  | {
      /** The part of the address that it changes. */
      readonly name: 'range' | 'by' | 'kind' | 'to' | 'trait' | 'stage'
    }
  | { readonly onChoose: (name: string) => void }
)

/** A few things to choose from, side by side. The address keeps the choice. */
export function Choice(props: ChoiceProps) {
  const { title, options, chosen } = props
  const choose = 'name' in props ? (name: string) => adjust({ [props.name]: name }) : props.onChoose
  return (
    <fieldset class="choice">
      <legend class="unseen">{title}</legend>
      {options.map((option) => (
        <button key={option.name} type="button" aria-pressed={option.name === chosen} onClick={() => choose(option.name)}>
          {option.title}
        </button>
      ))}
    </fieldset>
  )
}
