import { printable } from '#contracts'
import type { PathCountsRecord } from './path-counts.ts'

/** Where a path was seen before, only a long time without it is worth a sentence: properties may be optional. */
const MISSING_MIN = 10_000
/** Where a path was never seen, it is worth a warning after so many events: the first ones may be unusual. */
export const UNSEEN_MIN = 100

/** A path of the definition that events do not have. */
export interface MissingPath {
  readonly path: string
  /** The events without it: all of them, or those since the last that had it. */
  readonly events: number
  /** Whether some event had it before. */
  readonly wasSeen: boolean
  readonly near: string | null
}

/**
 * The paths of a definition that events do not have.
 * @param eventsMin how many events must have been seen: a few may be unusual
 */
export function missingPaths(counts: PathCountsRecord, eventsMin = 1): MissingPath[] {
  return Object.entries(counts)
    .filter(([, { missing, had }]) => missing >= (had === 0 ? eventsMin : MISSING_MIN))
    .map(([path, { missing, had, near = null }]) => ({ path, events: missing, wasSeen: had > 0, near }))
}

/** "1200 events so far in which the definition reads `properties.artistId`, and none has a value there." with what to do. */
export function describeMissingPath({ path, events, wasSeen, near }: MissingPath): string {
  const head = wasSeen
    ? `The last ${events} events in which the definition reads \`${path}\` have no value there, though earlier ones had`
    : `${events} ${events === 1 ? 'event' : 'events'} so far in which the definition reads \`${path}\`, and none has a value there`
  const similar = near === null ? '' : `; there is \`${near}\``
  return printable(`${head}${similar}. Compare the path with what is sent: send the property, or correct the path in a cycle with a name of its own.`)
}
