import { isDeepStrictEqual } from 'node:util'
import type { SourceDefinition } from '#contracts'

/** What the id of an event and its actor come from. An event that is read again is dropped as a copy only if both are the same. */
const identityOf = ({ format, idScope, map }: SourceDefinition) => ({
  format,
  idScope,
  'map.id': map?.id,
  'map.actor': map?.actor,
  'map.actorType': map?.actorType,
})

/**
 * Why a source that is read cannot change in this way while processes run. When a partition moves between two processes, about a second of records is read by both: with
 * other ids or actors these would count twice. A change of anything else makes copies, which the fold drops.
 */
export function identityDefect(read: SourceDefinition, next: SourceDefinition): string | undefined {
  const [before, after] = [identityOf(read), identityOf(next)]
  const keys = (Object.keys(before) as (keyof typeof before)[]).filter((key) => !isDeepStrictEqual(before[key], after[key]))
  if (keys.length === 0) return undefined
  return (
    `source ${next.name}: ${keys.join(' and ')} cannot change at a reload: records that two processes read, one with the old file and one with the new, would count twice. ` +
    'Change it back; or stop all ingest processes, and then start them with the new file. Records of another form belong into another topic, with a source of another name.'
  )
}
