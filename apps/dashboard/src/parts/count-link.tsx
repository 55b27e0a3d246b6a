import type { Address } from '../address/address.ts'
import { compact, count } from '../format/numbers.ts'
import { Link } from './link.tsx'

/** A number of actors that opens the list of them: as many as it says. Nobody is no list. */
export function CountLink({
  value,
  of,
  to,
  isCompact = false,
}: {
  readonly value: number
  /** What it counts, for who does not see its place: `in Occasional`. */
  readonly of: string
  readonly to: Address
  readonly isCompact?: boolean
}) {
  if (value === 0) return <>0</>
  return (
    <Link to={to} class="count" label={`${count(value)} ${of}: open the list`}>
      {isCompact ? compact(value) : count(value)}
    </Link>
  )
}
