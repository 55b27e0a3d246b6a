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
  /** Undefined: there is no list. */
  readonly to: Address | undefined
  readonly isCompact?: boolean
}) {
  if (value === 0 || to === undefined) return <>{isCompact ? compact(value) : count(value)}</>
  return (
    <Link to={to} class="count" label={`${count(value)} ${of}: open the list`}>
      {isCompact ? compact(value) : count(value)}
    </Link>
  )
}
