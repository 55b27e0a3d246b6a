import { type Output, RondoError } from '#contracts'

/** The fields of an output that name the definition, and the run of it over the log. */
export type DefinitionRun = Pick<Output, 'cycle' | 'version' | 'generation'>

/** The text that names a run in messages. Runs are compared by it. */
export function definitionRunText({ cycle, version, generation }: DefinitionRun): string {
  return `the cycle ${cycle}, version ${version}, generation ${generation}`
}

/** The alarm of a process whose generation, or whose read models in it, were replaced. */
export function supersededError(): RondoError {
  return new RondoError(
    'RONDO_DATA_MISMATCH',
    'Another deployment, or another release of this one, has replaced read models under this RONDO_REDIS_PREFIX: this process writes nothing there and is not ready until nobody feeds those any more. Stop the other, or give each deployment a prefix of its own.',
  )
}

/** The failure of a process that reads the feed of another definition. */
export function foreignFeedError(found: Output, expected: DefinitionRun): RondoError {
  return new RondoError(
    'RONDO_DATA_MISMATCH',
    `The feed holds outputs of ${definitionRunText(found)}, and this is ${definitionRunText(expected)}. Check RONDO_DEFINITION, RONDO_GENERATION, RONDO_PREFIX and RONDO_GROUP; the read models were left as they are.`,
  )
}

/** The alarm if there are outputs, and the group has no position. */
export function noPositionError(): RondoError {
  return new RondoError(
    'RONDO_DATA_MISMATCH',
    'The feed holds outputs, but the group has committed no position: it was deleted or forgotten, or RONDO_GROUP is not that of the processors. So the age of the read models is unknown. Restore the offsets of the group, or set RONDO_GROUP.',
  )
}

/** The alarm if the group had a position at an earlier poll, and has none now. */
export function positionLostError(partition: number): RondoError {
  return new RondoError(
    'RONDO_LOG_INCOMPLETE',
    `The position that the group had committed in partition ${partition} is gone: the group or its offsets were deleted. Processors do not continue without it; restore the offsets, or rebuild, as docs/guides/operate.md describes.`,
  )
}

/** Whether records are missing in the log: a failure that ends no process of serving. */
export function isIncomplete(failure: unknown): failure is RondoError {
  return failure instanceof RondoError && failure.code === 'RONDO_LOG_INCOMPLETE'
}
