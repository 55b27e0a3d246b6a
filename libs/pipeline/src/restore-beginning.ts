import type { RondoError } from '#contracts'
import type { StoredCheckpoints } from '#event-log'
import { BUCKETS } from '#keyed-state'
import { readCheckpointMetadata } from './partition-metadata.ts'

/** The first record of a partition that restores need, and the checkpoints from which the restore goes back furthest. */
interface NeededBeginning {
  readonly offset: number
  /** Undefined if nothing was folded yet. */
  readonly name: string | undefined
  /** Why checkpoints cannot be read, for which then all records are needed. */
  readonly failure?: RondoError | undefined
}

/** The first record of a partition that a restore of any of these folds needs. */
export function neededBeginning(folds: readonly StoredCheckpoints[]): NeededBeginning {
  const unreadable = folds.find(({ failure }) => failure !== undefined)
  if (unreadable !== undefined) return { name: unreadable.name, offset: 0, failure: unreadable.failure }
  const beginnings = folds.map(({ name, checkpoints }) => ({ name, offset: restoreBeginning(checkpoints) }))
  return beginnings.sort((a, b) => a.offset - b.offset)[0] ?? { name: undefined, offset: 0 }
}

/** A restore folds again from the oldest checkpoint part, or from the beginning of the log if a part is missing or cannot be read. */
function restoreBeginning(checkpoints: readonly string[]): number {
  const parts = checkpoints.map(readCheckpointMetadata)
  if (parts.length < BUCKETS || new Set(parts.map((part) => part?.fold)).size > 1) return 0
  return Math.min(...parts.map((part) => part?.position.offset ?? 0))
}
