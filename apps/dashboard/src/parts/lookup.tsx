import { useEffect, useRef } from 'preact/hooks'
import { address, addressOf, open } from '../address/shown-address.ts'
import { cycle } from '../answers/shown-cycle.ts'

/** The field in which the id of an actor is written. */
export function Lookup() {
  const input = useRef<HTMLInputElement>(null)
  const { actor } = address.value
  useEffect(() => {
    if (input.current !== null && actor !== undefined) input.current.value = actor
  }, [actor])
  const type = cycle.value?.actor ?? 'actor'
  return (
    <search>
      <form
        id="lookup"
        onSubmit={(event) => {
          event.preventDefault()
          const id = input.current?.value ?? ''
          if (id !== '') open(addressOf('people', { actor: id }))
        }}
      >
        <label for="actor-id">Id of the {type}</label>
        <div class="row">
          <input id="actor-id" ref={input} name="id" autocomplete="off" autocapitalize="off" spellcheck={false} maxlength={256} required />
          <button type="submit" class="primary">
            Look up
          </button>
        </div>
      </form>
    </search>
  )
}
