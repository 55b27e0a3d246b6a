import { type Output, RondoError } from '#contracts'

/** The fields of an output that name the definition, and the run of it over the log. */
export type Folded = Pick<Output, 'cycle' | 'version' | 'generation'>

export function nameOf({ cycle, version, generation }: Folded): string {
  return `the cycle ${cycle}, version ${version}, generation ${generation}`
}

export function superseded(): RondoError {
  return new RondoError(
    'RONDO_DATA_MISMATCH',
    'Another deployment, or another release of this one, has replaced read models under this RONDO_REDIS_PREFIX: this process writes nothing there and is not ready until nobody feeds those any more. Stop the other, or give each deployment a prefix of its own.',
  )
}

export function foreignFeed(found: Output, folded: Folded): RondoError {
  return new RondoError(
    'RONDO_DATA_MISMATCH',
    `The feed holds outputs of ${nameOf(found)}, and this is ${nameOf(folded)}. Check RONDO_DEFINITION, RONDO_GENERATION, RONDO_PREFIX and RONDO_GROUP; the read models were left as they are.`,
  )
}

export function noPosition(): RondoError {
  return new RondoError(
    'RONDO_DATA_MISMATCH',
    'The feed holds outputs, but the group has committed no position: it was deleted or forgotten, or RONDO_GROUP is not that of the processors. So the age of the read models is unknown. Restore the offsets of the group, or set RONDO_GROUP.',
  )
}

export function positionLost(partition: number): RondoError {
  return new RondoError(
    'RONDO_LOG_INCOMPLETE',
    `The position that the group had committed in partition ${partition} is gone: the group or its offsets were deleted. Processors do not continue without it; restore the offsets, or rebuild, as docs/guides/operate.md describes.`,
  )
}

export function isIncomplete(failure: unknown): failure is RondoError {
  return failure instanceof RondoError && failure.code === 'RONDO_LOG_INCOMPLETE'
}
