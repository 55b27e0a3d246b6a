import { type CompiledCycle, identityOf } from '#cycle'
import { type FoldedState, HistoryFile, HistoryFollower, stateSource } from '#history'
import { decodeRecord } from '#pipeline'
import { SqliteReadModels } from '#projections'

/** What a history is made of, and where it is. */
export interface FollowAgainOptions {
  readonly path: string
  readonly cycle: CompiledCycle
  readonly generation: number
  /** Which log it is. */
  readonly log: Readonly<Record<string, string>>
  readonly partitions: readonly FoldedState[]
  readonly stop: AbortSignal
  readonly onProgress: (rows: number) => Promise<void>
}

/** Opens a history and lets it follow to the end of the states, as a start of Rondo does. */
export async function followAgain({ path, cycle, generation, log, partitions, stop, onProgress }: FollowAgainOptions): Promise<HistoryFile> {
  const identity = { ...identityOf(cycle, generation), ...log }
  const file = await HistoryFile.open({ path, actorType: cycle.actorType, partitions: partitions.length, identity })
  const logTime = (state: FoldedState['state']) => new SqliteReadModels(state).asOf()
  const source = stateSource({ log, decode: decodeRecord, partitions, logTime, close: async () => undefined })
  try {
    const follower = await HistoryFollower.resume(file, { cycle, generation, source })
    for (let rows = 0; ; ) {
      const step = await follower.step()
      stop.throwIfAborted()
      rows += step.rows.outputs + step.rows.active + step.rows.traits
      await onProgress(rows)
      if (!step.isMore) return file
    }
  } catch (failure) {
    await file.close()
    throw failure
  }
}
