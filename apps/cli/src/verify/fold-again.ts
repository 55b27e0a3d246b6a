import type { Position } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { DataFolder, OwnedPartition } from '#event-log'
import { runPartition } from '#pipeline'

/** Position by position, where a state ends in the middle of deadlines that were due at once. */
const singleSteps = { outputsMax: 0, firingsAtOnce: 1 }
/** Tells the reads of the run, which come when all before is committed, from those of a restore. */
const WAIT_MS = 1

/** What is folded again, and how far. */
export interface FoldAgainOptions {
  readonly cycle: CompiledCycle
  /** Reads the log from its beginning on. */
  readonly records: OwnedPartition['read']
  readonly position: Position
  /** Which partition of which number of them it is; the only one unless it is given. */
  readonly place?: Pick<OwnedPartition, 'partition' | 'partitions'>
  readonly stop: AbortSignal
  readonly onProgress: (offset: number) => Promise<void>
}

/**
 * Folds a log from its beginning, or from where the folder is, to a position. The state there then has the position, unless no fold of this log comes to it:
 * then it has that of the record's end.
 */
export async function foldAgain(folder: DataFolder, options: FoldAgainOptions): Promise<void> {
  const { offset, cursor } = options.position
  const reader = folder.reader()
  try {
    const owned = await new Promise<OwnedPartition>((resolve, reject) => {
      reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
    })
    // A state that ends behind deadlines may end between two of them.
    await foldTo(owned, options, cursor === null ? offset : offset - 1)
    if (cursor !== null) await foldTo(owned, options, offset, singleSteps)
  } finally {
    await reader.close()
  }
}

async function foldTo(owned: OwnedPartition, options: FoldAgainOptions, last: number, limits?: typeof singleSteps): Promise<void> {
  const { cycle, position, stop, place = owned } = options
  const end = new AbortController()
  const read = readTo(last, options, () => end.abort())
  const commit: OwnedPartition['commit'] = async (batch) => {
    const outcome = await owned.commit(batch)
    if (isAt(batch.position, position)) end.abort()
    return outcome
  }
  const partition: OwnedPartition = {
    partition: place.partition,
    partitions: place.partitions,
    ...(owned.cycle !== undefined && { cycle: owned.cycle }),
    committed: () => owned.committed(),
    partitionMetadata: () => owned.partitionMetadata(),
    names: () => owned.names(),
    checkpoints: () => owned.checkpoints(),
    read,
    commit,
  }
  await runPartition(partition, cycle, { signal: AbortSignal.any([end.signal, stop]), waitMs: WAIT_MS, ...(limits && { limits }) })
  stop.throwIfAborted()
}

/** @param atEnd called when the run has committed all up to the last offset, and asks for more */
function readTo(last: number, { records, onProgress }: FoldAgainOptions, atEnd: () => void): OwnedPartition['read'] {
  return async (offset, { bytesMax, waitMs }) => {
    await onProgress(offset)
    const found = offset > last ? [] : (await records(offset, { bytesMax, waitMs: 0 })).filter((record) => record.offset <= last)
    if (found.length === 0 && waitMs > 0) atEnd()
    return found
  }
}

/** Whether two positions are the same. */
export const isAt = (one: Position | undefined, other: Position): boolean =>
  one !== undefined && one.offset === other.offset && one.index === other.index && JSON.stringify(one.cursor) === JSON.stringify(other.cursor)
