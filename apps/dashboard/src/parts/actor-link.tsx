import { addressOf } from '../address/shown-address.ts'
import { visible } from '../format/ids.ts'
import { Link } from './link.tsx'

/** The id of an actor, which opens its page. */
export function ActorLink({ id }: { readonly id: string }) {
  return <Link to={addressOf('people', { actor: id })}>{visible(id)}</Link>
}
